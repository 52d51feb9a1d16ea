import { AppError } from '../../errors.js';

/** The problem of files saved by PyTorch, however it is detected. */
export const PYTORCH =
  'is a PyTorch checkpoint, which can run code when it is read; convert it to safetensors first ' +
  '(or take the model.safetensors that is published beside it)';

export interface MismatchFacts {
  readonly tensor?: string;
  /** How many values are NaN or infinite. */
  readonly notFinite?: number;
  readonly cause?: unknown;
}

/**
 * The error for an invalid weights file.
 * @param problem completes a sentence that begins with the name of the file or tensor: "ends before its data"
 */
export function mismatch(path: string, problem: string, facts: MismatchFacts = {}): AppError {
  const { cause, ...named } = facts;
  const subject = facts.tensor === undefined ? path : `${path}: tensor ${facts.tensor}`;
  return new AppError('MODEL_MISMATCH', `${subject} ${problem}.`, {
    details: { path, ...named },
    ...(cause === undefined ? {} : { cause }),
  });
}
