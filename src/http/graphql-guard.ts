import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { AppError } from '../errors.js';
import { httpStatus, publicError } from '../schema/format-error.js';
import { MAX_BATCH } from '../schema/limits.js';
import type { Logger } from '../logger.js';

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

/** At most `perMinute` requests in any window of a minute from one address (fixed windows, forgotten when they end). */
export function rateLimit(perMinute: number): RequestHandler {
  const WINDOW_MS = 60_000;
  let counts = new Map<string, number>();
  let windowStart = performance.now();
  return (request, _response, next) => {
    if (perMinute === 0) return next();
    const now = performance.now();
    if (now - windowStart >= WINDOW_MS) {
      counts = new Map();
      windowStart = now;
    }
    const address = request.socket.remoteAddress ?? '';
    const count = (counts.get(address) ?? 0) + 1;
    counts.set(address, count);
    if (count <= perMinute) return next();
    throw new AppError('RATE_LIMITED', 'Too many requests from this address.', {
      details: { retryAfterMs: Math.ceil(windowStart + WINDOW_MS - now) },
    });
  };
}

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
