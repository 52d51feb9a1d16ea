import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { pino, type Logger as PinoLogger } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { printableLines, printableText } from './lib/printable.js';

/** What services need of a logger; `pino`'s own type satisfies it. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface LoggerOptions {
  readonly level: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  /** `pretty` for people, `json` for machines (one line per event). */
  readonly format: 'pretty' | 'json';
  /** File descriptor to write to; 1 is standard output. */
  readonly destination?: number;
}

/**
 * A logger that writes synchronously, so that the last lines before an exit are not lost. It never throws and never
 * ends anything: lines that cannot be written are counted, and the number is logged once writing works again.
 */
export function createLogger({ level, format, destination = 1 }: LoggerOptions): PinoLogger {
  if (format === 'json') return pino({ level }, new LogSink(destination, (line) => line));
  const toText = prettyFactory({
    colorize: false,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname',
    singleLine: true,
    messageFormat: (entry, key) => printableLines(entry[key] as string),
  });
  const formatters = { log: printableFields };
  return pino({ level, base: null, formatters }, new LogSink(destination, toText));
}

/** How long a line waits for a slow reader (EAGAIN); later lines then do not wait until one has been written. */
const PATIENCE_MS = 100;

/**
 * Reopens a pipe as a separate non-blocking descriptor, because nobody may be reading, and a pipe is full after about
 * 64 KB. Other descriptors of the pipe are not affected. Returns the original descriptor if that is not possible.
 */
function withoutBlocking(descriptor: number): number {
  try {
    if (!fstatSync(descriptor).isFIFO()) return descriptor;
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return descriptor;
  }
}

/** The reader of the log may be gone (EPIPE) or its disk full (ENOSPC): neither is a reason to stop serving. */
class LogSink {
  readonly #descriptor: number;
  readonly #format: (line: string) => string;
  #lost = 0;
  /** The last line was written only partly, so the next one begins with a line end. */
  #torn = false;

  constructor(descriptor: number, format: (line: string) => string) {
    this.#descriptor = withoutBlocking(descriptor);
    this.#format = format;
  }

  /** Called by pino with one line of JSON including its end. */
  write(line: string): void {
    const text = this.#format(line);
    if (this.#lost > 0 && this.#put(this.#format(lostLine(this.#lost)))) this.#lost = 0;
    if (!this.#put(text)) this.#lost++;
  }

  #put(text: string): boolean {
    const bytes = Buffer.from(this.#torn ? `\n${text}` : text);
    let written = 0;
    for (let waitedMs = 0; written < bytes.length;) {
      try {
        written += writeSync(this.#descriptor, bytes, written);
      } catch (error) {
        const slow = (error as NodeJS.ErrnoException).code === 'EAGAIN';
        if (!slow || this.#lost > 0 || waitedMs >= PATIENCE_MS) break;
        pause(1);
        waitedMs++;
      }
    }
    if (written > 0) this.#torn = written < bytes.length;
    return written === bytes.length;
  }
}

const lostLine = (lines: number): string =>
  `${JSON.stringify({ level: 40, time: Date.now(), lines, msg: 'log lines could not be written and are lost' })}\n`;

/** Blocks the thread. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** JSON escapes only some of the characters that a terminal interprets. */
function printableFields(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? printableText(value) : value,
    ]),
  );
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
