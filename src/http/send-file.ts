import type { Response } from 'express';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../errors.js';
import { judge, mayBePart, type Representation } from './preconditions.js';

/** Ids are never reused and the bytes at a path never change, so a cached file stays valid. */
const IMMUTABLE = 'public, max-age=31536000, immutable';

/** Headers that are evaluated here, and hidden from Express's `send`. */
const JUDGED = ['if-match', 'if-unmodified-since', 'if-none-match', 'if-modified-since', 'if-range'];

export interface FileToSend extends Representation {
  /** Absolute path. */
  readonly path: string;
  /** Sent instead of what is at `path`, and always whole. */
  readonly bytes?: Uint8Array | null;
  /** Sent instead of either, and always whole. */
  readonly stream?: { readonly bytes: number; readonly open: () => Readable };
  readonly contentType: string;
}

/** Sets headers so that nothing in a picture ever runs as a page. */
export function harmless(response: Response): void {
  response.set('x-content-type-options', 'nosniff');
  response.set('content-security-policy', "default-src 'none'; sandbox");
  response.set('cross-origin-resource-policy', 'cross-origin');
}

/**
 * Sends a file, or a part of it, or 304.
 * @throws AppError BAD_USER_INPUT with the status 412 or 416 set; STORAGE_FAILED
 */
export async function sendFile(response: Response, file: FileToSend): Promise<void> {
  const request = response.req;
  harmless(response);
  response.set({ etag: file.etag, 'last-modified': file.lastModified.toUTCString() });
  const verdict = judge(request.headers, file);
  if (verdict === 'failed') throw refused(response, 412, 'if-match', 'the version of this file');
  response.set('cache-control', IMMUTABLE);
  if (verdict === 'not-modified') {
    response.status(304).end();
    return;
  }
  if (request.method !== 'GET' || !mayBePart(request.headers, file)) delete request.headers.range;
  for (const name of JUDGED) delete request.headers[name];
  response.set('content-type', file.contentType);
  if (file.bytes) {
    response.send(Buffer.from(file.bytes));
    return;
  }
  await (file.stream === undefined ? send(response, file.path) : sendStream(response, file.stream));
}

async function sendStream(
  response: Response,
  { bytes, open }: NonNullable<FileToSend['stream']>,
): Promise<void> {
  response.set({ 'content-length': String(bytes), 'accept-ranges': 'none' });
  if (response.req.method === 'HEAD') return void response.end();
  await pipeline(open(), response).catch((error: unknown) => {
    if (!response.destroyed) throw error; // a client that went away is nobody's failure
  });
}

function send(response: Response, path: string): Promise<void> {
  const options = { etag: false, lastModified: false, cacheControl: false, dotfiles: 'allow' } as const;
  return new Promise((resolve, reject) => {
    response.sendFile(path, options, (error?: Error) => {
      const { code, status } = (error ?? {}) as { code?: string; status?: number };
      // A client that goes away is not a failure.
      if (error === undefined || error === null || response.headersSent || code === 'ECONNABORTED')
        return resolve();
      for (const name of ['cache-control', 'content-type']) response.removeHeader(name);
      if (status === 416)
        return reject(refused(response, 416, 'range', 'bytes within the file (content-range has its size)'));
      for (const name of ['etag', 'last-modified']) response.removeHeader(name);
      reject(
        new AppError('STORAGE_FAILED', `The file of a picture could not be read: ${error.message}`, {
          cause: error,
        }),
      );
    });
  });
}

function refused(response: Response, status: 412 | 416, header: string, rule: string): AppError {
  response.status(status);
  return new AppError('BAD_USER_INPUT', `Expected ${rule} for the header ${header}`, {
    details: { path: `headers.${header}`, rule },
  });
}
