import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { AppError } from '../errors.js';
import { httpStatus, publicError } from '../schema/format-error.js';
import { MAX_BATCH } from '../schema/limits.js';
import type { Logger } from '../logger.js';
import type { CountRequest } from './rate-limit.js';

/** Answers in the shape of a GraphQL error, whatever part of the server refuses. */
export function sendError(response: Response, error: unknown, logger: Logger): void {
  const { message, ...extensions } = publicError(error, logger);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const retryAfterMs = extensions.details?.['retryAfterMs'];
  if (typeof retryAfterMs === 'number') response.set('retry-after', String(Math.ceil(retryAfterMs / 1000)));
  response.status(httpStatus(extensions.code)).json({ errors: [{ message, extensions }] });
}

/** Room beside the files in a multipart request: the operations, the map, the boundaries. */
const MULTIPART_OVERHEAD = 2 * 1024 * 1024;

/**
 * What a request must pass before anything of its body is read, and so before an upload can write a byte:
 * uploads carry a header that a foreign page cannot send without asking (no CSRF), and no body is over the cap.
 */
export function guardUploads(maxUploadBytes: number): RequestHandler {
  const limit = maxUploadBytes * MAX_BATCH + MULTIPART_OVERHEAD;
  return (request: Request, response: Response, next: NextFunction) => {
    if (!request.is('multipart/form-data')) return next();
    const preflight = request.get('apollo-require-preflight') ?? request.get('x-apollo-operation-name') ?? '';
    if (preflight === '') {
      throw new AppError(
        'BAD_USER_INPUT',
        'Expected the header apollo-require-preflight (any value) with an upload',
        {
          details: { path: 'headers.apollo-require-preflight', rule: 'present in a multipart request' },
        },
      );
    }
    const actual = Number(request.get('content-length') ?? 0);
    if (actual > limit) {
      response.set('connection', 'close');
      throw new AppError('IMAGE_TOO_LARGE', `The request is larger than ${limit} bytes.`, {
        details: { limit, actual, unit: 'bytes' },
      });
    }
    next();
  };
}

/** RATE_LIMIT for every request that gets here. */
export const rateLimit =
  (countRequest: CountRequest): RequestHandler =>
  (request, _response, next) => {
    countRequest(request.socket.remoteAddress);
    next();
  };

/** Cross-origin access for the web pages the operator named; without the list, a browser lets none in. */
export function cors(origins: readonly string[]): RequestHandler {
  return (request, response, next) => {
    const origin = request.get('origin');
    if (origin !== undefined && (origins.includes(origin) || origins.includes('*'))) {
      response.set('access-control-allow-origin', origins.includes(origin) ? origin : '*');
      response.vary('origin');
      if (origins.includes(origin)) response.set('access-control-allow-credentials', 'true');
      response.set(
        'access-control-allow-headers',
        'authorization, content-type, apollo-require-preflight, x-apollo-operation-name, x-visitor-id',
      );
      response.set('access-control-allow-methods', 'GET, POST, OPTIONS');
      response.set('access-control-max-age', '86400');
      if (request.method === 'OPTIONS') {
        response.status(204).end();
        return;
      }
    }
    next();
  };
}
