import { ERRORS, type ErrorCode } from '../errors.js';

interface Failure {
  readonly code: string;
  readonly message: string;
}

/** What visitors see of a failure that only concerns the operator. */
export const MASKED: Failure = {
  code: 'INTERNAL_SERVER_ERROR',
  message: 'Something went wrong on the server; its log says more.',
};

/** A failure of a background job as a caller may see it: an operator's codes and texts only for administrators. */
export function publicFailure<Told extends Failure>(failure: Told, toAdministrator: boolean): Told {
  const info = Object.hasOwn(ERRORS, failure.code) ? ERRORS[failure.code as ErrorCode] : null;
  return toAdministrator || info?.audience !== 'operator' ? failure : { ...failure, ...MASKED };
}
