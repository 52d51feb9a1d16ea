import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { badMultipart } from './operations.js';
import { MOST_FILES } from '../../services/models/upload.js';
import { AppError } from '../../errors.js';
import type { Identify } from '../authenticate.js';
import { allowSlowBody } from '../body-time.js';
import { OVERHEAD_BYTES, readMultipart, type MultipartOptions } from './read-multipart.js';

export interface UploadOptions extends Omit<MultipartOptions, 'allowModel'> {
  /** Maximum size of one file of a model. */
  readonly maxModelBytes: number;
  /** Only administrators may upload a model. */
  readonly identify: Identify;
}

/**
 * Turns a GraphQL multipart request into an operation like that of a JSON request, with a file for each Upload. Against
 * CSRF, it must have a header that a foreign page cannot send without a preflight, before anything of the body is read.
 */
export function receiveUploads(options: UploadOptions): RequestHandler {
  return async (request: Request, response: Response, next: NextFunction) => {
    if (!request.is('multipart/form-data')) return next();
    assertPreflight(request);
    assertLength(request, options);
    const multipart = await readMultipart(request, {
      ...options,
      allowModel() {
        options.identify(request).assertAdministrator();
        allowSlowBody(request);
        return options.maxModelBytes;
      },
    });
    // The next start removes what cannot be removed now.
    const end = (): void => void multipart.dispose().catch(() => {});
    if (response.closed) return end();
    response.once('close', end);
    request.body = multipart.operation;
    next();
  };
}

/** @throws AppError BAD_USER_INPUT */
function assertPreflight(request: Request): void {
  const preflight = request.get('apollo-require-preflight') ?? request.get('x-apollo-operation-name') ?? '';
  if (preflight !== '') return;
  throw new AppError(
    'BAD_USER_INPUT',
    'Expected the header apollo-require-preflight (any value) with an upload',
    { details: { path: 'headers.apollo-require-preflight', rule: 'present in a multipart request' } },
  );
}

/** @throws AppError IMAGE_TOO_LARGE, BAD_USER_INPUT */
function assertLength(request: Request, options: UploadOptions): void {
  if (request.method !== 'POST') throw badMultipart('method', 'Expected the method POST for an upload');
  const limit = options.maxBytes * options.maxFiles + OVERHEAD_BYTES;
  const actual = Number(request.get('content-length') ?? 0);
  if (actual <= limit || mayBeModel(request, options, actual)) return;
  throw new AppError('IMAGE_TOO_LARGE', `The request is larger than ${limit} bytes.`, {
    details: { limit, actual, unit: 'bytes' },
  });
}

/** Only the body shows the operation, but a caller who may not upload models is refused before it is read. */
function mayBeModel(request: Request, { maxModelBytes, identify }: UploadOptions, length: number): boolean {
  if (length > maxModelBytes * MOST_FILES + OVERHEAD_BYTES) return false;
  return identify(request).role === 'administrator';
}
