import { once } from 'node:events';

/**
 * Writes to stdout, which carries only results; resolves when there is room for more, so that a slow reader slows the
 * command down instead of filling its memory.
 */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

export const printLine = (text: string): Promise<void> => print(`${text}\n`);

export const printJson = (value: unknown): Promise<void> => printLine(JSON.stringify(value, null, 2));

/** Tells people something on stderr. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
