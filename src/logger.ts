import { destination as openDestination, pino, type Logger as PinoLogger } from 'pino';
import { default as pretty } from 'pino-pretty';

/** What services need of a logger; `pino`'s own type satisfies it. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface LoggerOptions {
  readonly level: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  /** `pretty` for people, `json` for machines (a line an event). */
  readonly format: 'pretty' | 'json';
  /** File descriptor to write to; 1 is standard output. */
  readonly destination?: number;
}

/** A logger that writes synchronously, so that the last lines before an exit are not lost. */
export function createLogger({ level, format, destination = 1 }: LoggerOptions): PinoLogger {
  if (format === 'json') return pino({ level }, openDestination({ dest: destination, sync: true }));
  return pino(
    { level, base: null },
    pretty({
      destination,
      sync: true,
      colorize: false,
      translateTime: 'SYS:HH:MM:ss',
      ignore: 'pid,hostname',
      singleLine: true,
    }),
  );
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
