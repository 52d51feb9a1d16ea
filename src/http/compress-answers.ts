import compression from 'compression';
import type { Request, RequestHandler, Response } from 'express';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** Smaller answers are not worth compressing. */
const COMPRESS_BYTES = 1024;
/** Of 11: answers differ for every request, and better compression takes longer than the network saves. */
const BROTLI_QUALITY = 4;
const GZIP_LEVEL = 4;

/**
 * log2 of bytes; answers are hardly ever larger. With the default of 4 MiB an encoder allocates so much memory that V8
 * collects garbage every few requests.
 */
const BROTLI_WINDOW = 16;

/** Up to this size, synchronous compression (0.2 ms at most) is faster than a stream. */
const ON_THE_SPOT_BYTES = 32 * 1024;

const BROTLI = {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: BROTLI_WINDOW,
  },
};

const ENCODERS = {
  br: (body: string) => brotliCompressSync(body, BROTLI),
  gzip: (body: string) => gzipSync(body, { level: GZIP_LEVEL }),
} as const;

/** Only complete answers: those sent in parts (multipart, events) must not be delayed by a compressor. */
const isWhole = (response: Response): boolean =>
  /^application\/(graphql-response\+)?json\b/.test(String(response.getHeader('content-type')));

/** Compresses answers: the usual small ones synchronously, larger ones as a stream. */
export function compressAnswers(): RequestHandler[] {
  const asStream = compression({
    threshold: COMPRESS_BYTES,
    level: GZIP_LEVEL,
    brotli: BROTLI,
    filter: (_request: Request, response: Response) => isWhole(response),
  });
  return [asStream, compressOnTheSpot];
}

const compressOnTheSpot: RequestHandler = (request, response, next) => {
  const send = response.send.bind(response);
  response.send = (body: unknown) => {
    const encoding = typeof body === 'string' ? encodingOf(request, response, body) : null;
    if (encoding === null) return send(body);
    response.set('content-encoding', encoding); // the stream then skips it and sets `vary`
    return send(ENCODERS[encoding](body as string));
  };
  next();
};

function encodingOf(request: Request, response: Response, body: string): keyof typeof ENCODERS | null {
  if (body.length < COMPRESS_BYTES || body.length > ON_THE_SPOT_BYTES || !isWhole(response)) return null;
  const encoding = request.acceptsEncodings('br', 'gzip', 'identity');
  return encoding === 'br' || encoding === 'gzip' ? encoding : null;
}
