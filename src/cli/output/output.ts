import { once } from 'node:events';
import { printableText } from '../../lib/printable.js';

/**
 * Writes to stdout, which carries only results; resolves when there is room for more, so that a slow reader slows the
 * command down instead of filling its memory.
 */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** For people: without what would move a terminal's cursor, whatever names and titles are in it. */
export const printLine = (text: string): Promise<void> => print(`${printableText(text)}\n`);

export const printJson = (value: unknown): Promise<void> => print(`${JSON.stringify(value, null, 2)}\n`);

/** Of standard error, which is the process's, too. */
let isJson = false;

/** With LOG_FORMAT=json every line on stderr is one of JSON, also what would be a sentence for people. */
export function tellInJson(): void {
  isJson = true;
}

export const tellsInJson = (): boolean => isJson;

/** As the log has them. */
const LEVELS = { info: 30, error: 50 };

/** What stands on stderr for a sentence: that sentence, or an entry as in the log. */
export const toldLine = (text: string, level: keyof typeof LEVELS = 'info'): string =>
  isJson
    ? `${JSON.stringify({ level: LEVELS[level], time: Date.now(), pid: process.pid, msg: text.trim() })}\n`
    : `${printableText(text)}\n`;

/** Tells people something on stderr. */
export function note(text: string, level: keyof typeof LEVELS = 'info'): void {
  process.stderr.write(toldLine(text, level));
}
