import type { Response } from 'express';
import { AppError } from '../errors.js';
import type { Logger } from '../logger.js';
import { httpStatus, publicError } from '../schema/format-error.js';

/** The media type of the GraphQL over HTTP specification: clients trust error messages only with it. */
const GRAPHQL_RESPONSE = 'application/graphql-response+json';

/**
 * Answers in the form of a GraphQL error, for every part of the server. An error status that the response already has is
 * kept.
 */
export function sendError(response: Response, error: unknown, logger: Logger): void {
  const { message, ...extensions } = publicError(asAppError(error), logger);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const retryAfterMs = extensions.details?.['retryAfterMs'];
  if (typeof retryAfterMs === 'number') response.set('retry-after', String(Math.ceil(retryAfterMs / 1000)));
  const type = response.req.accepts(['application/json', GRAPHQL_RESPONSE]);
  response
    .status(response.statusCode >= 400 ? response.statusCode : httpStatus(extensions.code))
    .set('content-type', `${type === GRAPHQL_RESPONSE ? type : 'application/json'}; charset=utf-8`)
    .vary('accept')
    .send(JSON.stringify({ errors: [{ message, extensions }] }));
}

/** Converts errors of Express and the body parsers to AppErrors. */
function asAppError(error: unknown): unknown {
  const { status, type, message } = error as { status?: number; type?: string; message?: string };
  if (error instanceof AppError || status === undefined || status < 400 || status >= 500) return error;
  const rule = type ?? (status === 413 ? 'within the limits' : 'a well-formed request');
  return new AppError('BAD_USER_INPUT', `Expected a well-formed request: ${message ?? 'refused'}`, {
    details: { path: 'request', rule },
    cause: error,
  });
}
