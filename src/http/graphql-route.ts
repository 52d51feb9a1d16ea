import type { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import express, { Router, type RequestHandler } from 'express';
import { AppError } from '../errors.js';
import type { Context } from '../schema/context.js';
import type { Spaces } from '../services/spaces/spaces.js';
import type { Identify } from './authenticate.js';
import { compressAnswers } from './compress-answers.js';
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
  /** Checks that a request must pass before its body is read. */
  readonly guards: readonly RequestHandler[];
}

/** All steps of a request to `/graphql`, in order. */
export function graphqlRoute(options: GraphqlRouteOptions): Router {
  const router = Router();
  router.use((_request, response, next) => {
    response.set({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    next();
  });
  router.use(...compressAnswers());
  router.use(...options.guards);
  router.use(receiveUploads(options.uploads));
  router.use(graphqlMethods);
  router.use(express.json({ limit: '1mb' }));
  router.use(executeOperation(options));
  return router;
}

function executeOperation({ apollo, identify, createContext, spaces }: GraphqlRouteOptions): RequestHandler {
  return expressMiddleware(apollo, {
    context: async ({ req, res }) => {
      const gone = new AbortController();
      // One space for the whole request, so that an answer is consistent.
      const lease = spaces.lease();
      res.once('close', () => {
        if (!res.writableFinished) gone.abort(cancelled());
        lease.release();
      });
      if (res.closed) lease.release(); // the client left before the request was read completely
      const principal = identify(req);
      keepVisitor(principal, res);
      return createContext({ principal, signal: gone.signal, spaces: lease });
    },
  });
}

/** The client has left and nothing has failed, so this is not logged. */
const cancelled = (): AppError => new AppError('REQUEST_CANCELLED', 'The client went away.');
