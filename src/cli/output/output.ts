import { once } from 'node:events';
import { printableText } from '../../lib/printable.js';

/**
 * Writes to stdout, which carries only results; resolves when there is room for more, so that a slow reader slows the
 * command down instead of filling its memory.
 */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** For people: control characters in names and titles cannot move the terminal's cursor. */
export const printLine = (text: string): Promise<void> => print(`${printableText(text)}\n`);

export const printJson = (value: unknown): Promise<void> => print(`${JSON.stringify(value, null, 2)}\n`);

/** Module state, because the process has only one standard error. */
let isJson = false;

/** With LOG_FORMAT=json every line on stderr is JSON, including sentences for people. */
export function tellInJson(): void {
  isJson = true;
}

export const tellsInJson = (): boolean => isJson;

/** As in the log. */
const LEVELS = { info: 30, error: 50 };

/** A sentence as it is printed on stderr: as it is, or as a log entry. */
export const toldLine = (text: string, level: keyof typeof LEVELS = 'info'): string =>
  isJson
    ? `${JSON.stringify({ level: LEVELS[level], time: Date.now(), pid: process.pid, msg: text.trim() })}\n`
    : `${printableText(text)}\n`;

/** Prints a sentence for people on stderr. */
export function note(text: string, level: keyof typeof LEVELS = 'info'): void {
  process.stderr.write(toldLine(text, level));
}
