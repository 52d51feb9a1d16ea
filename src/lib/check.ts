import { AppError } from '../errors.js';

/**
 * One sentence shape for bad input: what was expected, for what, and of what kind the received thing was.
 * The received value itself is never echoed.
 *
 * @throws AppError BAD_USER_INPUT when `ok` is false
 */
export function check(ok: boolean, path: string, rule: string): asserts ok {
  if (!ok) throw new AppError('BAD_USER_INPUT', `Expected ${rule} for ${path}`, { details: { path, rule } });
}

/** Closes a switch over a union: a new member becomes a type error at the switch. */
export function unreachable(value: never): never {
  throw new Error(`Unreachable case: ${JSON.stringify(value)}`);
}
