import type { ApolloServer } from '@apollo/server';
import express, {
  type Express,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import type { App } from '../app.js';
import { dataDirOf, temporaryDirOf } from '../config.js';
import { PROJECT_DIR } from '../project.js';
import type { Context } from '../schema/context.js';
import { MAX_BATCH } from '../schema/limits.js';
import type { Authenticate } from './authenticate.js';
import { boundTimeOfBody } from './body-time.js';
import { cors } from './cors.js';
import { graphqlRoute, refuseWhenStopping } from './graphql-route.js';
import { healthRoutes, requestMetrics } from './health-routes.js';
import { hostGuard, type IsOwnHost } from './host-guard.js';
import { mediaRoutes } from './media-routes.js';
import { createMetrics } from './metrics.js';
import { playground } from './playground.js';
import { rateLimit, type CountRequest } from './rate-limit.js';
import type { CreateContext } from './request-context.js';
import { boundRestOfBody } from './rest-of-body.js';
import { sendError } from './send-error.js';
import { webDirOf, webPage } from './web-page.js';

export interface WebAppParts {
  readonly apollo: ApolloServer<Context>;
  readonly createContext: CreateContext;
  readonly countRequest: CountRequest;
  readonly authenticate: Authenticate;
  readonly isOwnHost: IsOwnHost;
  readonly isStopping: () => boolean;
}

/** Every route, in order; what each one does is in a file of its own. */
export function webApp(app: App, parts: WebAppParts): Express {
  const { config, logger } = app;
  const metrics = createMetrics(app);
  const openWhileRunning = refuseWhenStopping(parts.isStopping);
  const uploads = {
    dir: temporaryDirOf(dataDirOf(config)),
    memory: app.memory,
    maxBytes: config.maxUploadBytes,
    maxFiles: MAX_BATCH,
    maxModelBytes: config.maxModelBytes,
    authenticate: parts.authenticate,
  };

  const web = express();
  web.disable('x-powered-by');
  web.use(requestMetrics(metrics));
  web.use(boundRestOfBody);
  web.use(boundTimeOfBody);
  web.use(hostGuard(parts.isOwnHost));
  web.use(cors(config.corsOrigins));
  web.use(healthRoutes(app, metrics, parts.isStopping));
  web.use('/media', openWhileRunning, mediaRoutes(app));
  if (config.introspection) {
    web.use('/playground', playground());
    web.get('/graphql', showPlayground);
  }
  web.use(
    '/graphql',
    graphqlRoute({
      ...parts,
      spaces: app.spaces,
      guards: [openWhileRunning, rateLimit(parts.countRequest)],
      uploads,
    }),
  );
  web.use(webPage(webDirOf(PROJECT_DIR)));
  web.use(nothingHere);
  web.use((error: unknown, _request: Request, response: Response, _next: NextFunction) =>
    sendError(response, error, logger),
  );
  return web;
}

/** To people who open the address of the API in a browser. */
const showPlayground: RequestHandler = (request, response, next) => {
  const accept = request.get('accept') ?? '';
  const isBrowser = accept.includes('text/html') && !accept.includes('json');
  if (!isBrowser || request.query['query'] !== undefined) return next();
  response.redirect('/playground');
};

const nothingHere: RequestHandler = (request, response) =>
  void response.status(404).json({ error: `Nothing is at ${request.path}` });
