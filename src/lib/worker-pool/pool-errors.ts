import { AppError, type ErrorCode } from '../../errors.js';

/** @param cause reason for the log; the client only sees when to retry */
export const busy = (message: string, retryAfterMs: number, cause?: AppError): AppError =>
  new AppError('SERVER_BUSY', message, { details: { retryAfterMs }, cause });

export const shuttingDown = (): AppError => new AppError('SHUTTING_DOWN', 'The server is stopping.');

export const timedOut = (timeoutMs: number): AppError =>
  new AppError('REQUEST_TIMEOUT', 'The work took too long and was stopped.', { details: { timeoutMs } });

/** @param stderr last output of the process there */
export const processEnded = (code: ErrorCode, reason: string, stderr = ''): AppError =>
  new AppError(code, `A worker process ended: ${reason}.`, { details: { reason, stderr } });
