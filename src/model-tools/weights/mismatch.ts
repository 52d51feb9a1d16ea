import { AppError } from '../../errors.js';

/** What is wrong with the files that PyTorch saves, whichever way it is found out. */
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
 * The error for a weights file that is not as it must be.
 * @param problem goes on from the name of the file, or of the tensor when there is one: "ends before its data"
 */
export function mismatch(path: string, problem: string, facts: MismatchFacts = {}): AppError {
  const { cause, ...named } = facts;
  const subject = facts.tensor === undefined ? path : `${path}: tensor ${facts.tensor}`;
  return new AppError('MODEL_MISMATCH', `${subject} ${problem}.`, {
    details: { path, ...named },
    ...(cause === undefined ? {} : { cause }),
  });
}
