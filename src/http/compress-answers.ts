import compression from 'compression';
import type { Request, RequestHandler, Response } from 'express';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** From this many bytes on an answer is worth the work. */
const COMPRESS_BYTES = 1024;
/** Of 11: answers are made anew for every request, and a better compression takes longer than the network saves. */
const BROTLI_QUALITY = 4;
const GZIP_LEVEL = 4;

/**
 * log2 of bytes: an answer is hardly ever larger. With its default of 4 MiB an encoder asks for so much memory that V8
 * collects garbage for it every few requests.
 */
const BROTLI_WINDOW = 16;

/** Up to this many bytes compressing on the spot takes less time (0.2 ms at most) than handing it to a stream. */
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

/** Only whole answers: what arrives in parts (multipart, events) must not wait in a compressor. */
const isWhole = (response: Response): boolean =>
  /^application\/(graphql-response\+)?json\b/.test(String(response.getHeader('content-type')));

/** Compresses answers, the usual small ones on the spot and larger ones as a stream. */
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
    response.set('content-encoding', encoding); // the stream leaves it alone then, and says `vary`
    return send(ENCODERS[encoding](body as string));
  };
  next();
};

function encodingOf(request: Request, response: Response, body: string): keyof typeof ENCODERS | null {
  if (body.length < COMPRESS_BYTES || body.length > ON_THE_SPOT_BYTES || !isWhole(response)) return null;
  const encoding = request.acceptsEncodings('br', 'gzip', 'identity');
  return encoding === 'br' || encoding === 'gzip' ? encoding : null;
}
