import { AppError } from '../errors.js';

/**
 * Throws errors for bad input in one form: what was expected, and for which argument. The received value is never
 * repeated.
 *
 * @throws AppError BAD_USER_INPUT if `ok` is false
 */
export function check(ok: boolean, path: string, rule: string): asserts ok {
  if (!ok) throw new AppError('BAD_USER_INPUT', `Expected ${rule} for ${path}`, { details: { path, rule } });
}

/** Ends a switch over a union: a new member becomes a type error there. */
export function unreachable(value: never): never {
  throw new Error(`Unreachable case: ${JSON.stringify(value)}`);
}
