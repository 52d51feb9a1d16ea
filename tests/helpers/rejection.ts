import { AppError } from '../../src/errors.js';

/** The AppError that a promise is rejected with; fails when it is not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<AppError> {
  const outcome: unknown = await promise.then(
    () => new Error('was expected to be rejected'),
    (error: unknown) => error,
  );
  if (outcome instanceof AppError) return outcome;
  throw outcome;
}
