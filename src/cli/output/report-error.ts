import { AppError, messageOf } from '../../errors.js';
import { note } from './output.js';

/**
 * Reports a failure on stderr, in a sentence with its code.
 * @param options.stack prints the stack too, for debugging
 * @returns the exit code for it
 */
export function reportError(error: unknown, options: { stack?: boolean } = {}): number {
  note(`likeness: ${describeFailure(failureOf(error))}`, 'error');
  if (options.stack === true && error instanceof Error) {
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
      note(cause.stack ?? String(cause), 'error');
  }
  return error instanceof AppError ? error.info.exitCode : 1;
}

/** `CODE: sentence` */
export const describeFailure = ({ code, message }: Failure): string => `${code}: ${message}`;

export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** A failure as data. Unlike the API, which masks internal errors, the command line shows the operator every message. */
export function failureOf(error: unknown): Failure {
  if (error instanceof AppError) return { code: error.code, message: error.message };
  return { code: 'UNEXPECTED', message: messageOf(error) };
}
