import { AppError, ERRORS, messageOf, type ErrorCode } from '../../errors.js';

/** The protocol between a pool and its worker processes, as frames over one pipe (see frames.ts). */

/** The child's end of the pipe: the first descriptor after stdin, stdout and stderr. */
export const PIPE_DESCRIPTOR = 3;

/** Errors lose their code when cloned, so failures are sent as data. `code` is null for an unexpected exception. */
export interface Failure {
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export type ToWorker =
  | { readonly type: 'init'; readonly value: unknown }
  /** The frame's body, if any, goes with it. */
  | { readonly type: 'job'; readonly id: number; readonly request: unknown }
  /** Nobody waits for this job any more: it may be skipped, but must still be answered. */
  | { readonly type: 'cancel'; readonly id: number }
  /** News that every worker gets. No answer. */
  | { readonly type: 'notice'; readonly value: unknown };

export type FromWorker =
  | { readonly type: 'ready'; readonly value: unknown }
  | { readonly type: 'unable'; readonly failure: Failure }
  /** What the worker is about to do, so that it is known should it die of it; null when it is done. */
  | { readonly type: 'note'; readonly value: unknown }
  | { readonly type: 'done'; readonly id: number; readonly response: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly failure: Failure };

export function toFailure(error: unknown): Failure {
  if (error instanceof AppError) return { code: error.code, message: error.message, details: error.details };
  return { code: null, message: messageOf(error), details: {} };
}

/** @param fallback code for unexpected exceptions */
export function fromFailure({ code, message, details }: Failure, fallback: ErrorCode): AppError {
  return new AppError(code !== null && Object.hasOwn(ERRORS, code) ? code : fallback, message, { details });
}
