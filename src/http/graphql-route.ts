import type { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import compression from 'compression';
import express, { Router, type Request, type RequestHandler, type Response } from 'express';
import { constants } from 'node:zlib';
import { AppError } from '../errors.js';
import type { Context } from '../schema/context.js';
import type { Spaces } from '../services/spaces/spaces.js';
import type { Identify } from './authenticate.js';
import { graphqlMethods } from './graphql-methods.js';
import type { CreateContext } from './request-context.js';
import { keepVisitor } from './visitor.js';
import { receiveUploads, type UploadOptions } from './uploads/receive-uploads.js';

export interface GraphqlRouteOptions {
  readonly apollo: ApolloServer<Context>;
  readonly identify: Identify;
  readonly createContext: CreateContext;
  readonly spaces: Spaces;
  readonly uploads: UploadOptions;
  /** What a request must pass before anything of its body is read. */
  readonly guards: readonly RequestHandler[];
}

/** Everything of a request to `/graphql`, in order. */
export function graphqlRoute(options: GraphqlRouteOptions): Router {
  const router = Router();
  router.use((_request, response, next) => {
    response.set({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    next();
  });
  router.use(compressAnswers());
  router.use(...options.guards);
  router.use(receiveUploads(options.uploads));
  router.use(graphqlMethods);
  router.use(express.json({ limit: '1mb' }));
  router.use(executeOperation(options));
  return router;
}

/** From this many bytes on an answer is worth the work. */
const COMPRESS_BYTES = 1024;
/** Of 11: answers are made anew for every request, and a better compression takes longer than the network saves. */
const BROTLI_QUALITY = 4;

/**
 * log2 of bytes: an answer is hardly ever larger. With its default of 4 MiB an encoder asks for so much memory that V8
 * collects garbage for it every few requests.
 */
const BROTLI_WINDOW = 16;

/** Only whole answers: what arrives in parts (multipart, events) must not wait in a compressor. */
function compressAnswers(): RequestHandler {
  return compression({
    threshold: COMPRESS_BYTES,
    level: 4,
    brotli: {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
        [constants.BROTLI_PARAM_LGWIN]: BROTLI_WINDOW,
      },
    },
    filter: (_request: Request, response: Response) =>
      /^application\/(graphql-response\+)?json\b/.test(String(response.getHeader('content-type'))),
  });
}

function executeOperation({ apollo, identify, createContext, spaces }: GraphqlRouteOptions): RequestHandler {
  return expressMiddleware(apollo, {
    context: async ({ req, res }) => {
      const gone = new AbortController();
      // One space for the whole request: what an answer says of vectors belongs together.
      const lease = spaces.lease();
      res.once('close', () => {
        if (!res.writableFinished) gone.abort(cancelled());
        lease.release();
      });
      if (res.closed) lease.release(); // gone before it was read to its end
      const principal = identify(req);
      keepVisitor(principal, res);
      return createContext({ principal, signal: gone.signal, spaces: lease });
    },
  });
}

/** Nobody is left to answer, and nothing has failed: not for the log. */
const cancelled = (): AppError => new AppError('REQUEST_CANCELLED', 'The client went away.');
