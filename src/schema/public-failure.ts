import { ERRORS, type ErrorCode } from '../errors.js';

interface Failure {
  readonly code: string;
  readonly message: string;
}

/** What strangers are told of a failure that is the operator's affair. */
export const MASKED: Failure = {
  code: 'INTERNAL_SERVER_ERROR',
  message: 'Something went wrong on the server; its log says more.',
};

/** A failure of work in the background as it may be told: an operator's codes and texts to administrators only. */
export function publicFailure<Told extends Failure>(failure: Told, toAdministrator: boolean): Told {
  const info = Object.hasOwn(ERRORS, failure.code) ? ERRORS[failure.code as ErrorCode] : null;
  return toAdministrator || info?.audience !== 'operator' ? failure : { ...failure, ...MASKED };
}
