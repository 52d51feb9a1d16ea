import { randomBytes } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { App } from './app.js';
import { dataDirOf, PROJECT_DIR, temporaryDirOf } from './config.js';
import { messageOf } from './errors.js';
import { administratorCheck } from './http/admin.js';
import { createApollo } from './http/apollo.js';
import { cors } from './http/cors.js';
import { graphqlRoute, refuseWhenStopping } from './http/graphql-route.js';
import { healthRoutes, requestMetrics } from './http/health-routes.js';
import { hostGuard, hostRules } from './http/host-guard.js';
import { listen, urlOf } from './http/listen.js';
import { mediaRoutes } from './http/media-routes.js';
import { createMetrics } from './http/metrics.js';
import { playground } from './http/playground.js';
import { rateLimit, requestCounter } from './http/rate-limit.js';
import { contextMaker } from './http/request-context.js';
import { boundRestOfBody } from './http/rest-of-body.js';
import { sendError } from './http/send-error.js';
import { removeServerFile, writeServerFile } from './http/server-file.js';
import { serveSubscriptions } from './http/subscriptions.js';
import { webDirOf, webPage } from './http/web-page.js';
import { createSchema } from './schema/build-schema.js';
import { MAX_BATCH } from './schema/limits.js';
import { operationGate } from './schema/prepare-operation.js';

/** The part of a stop that requests under way may take; the rest is for saving. */
const DRAIN_SHARE = 0.65;

export interface LikenessServer {
  readonly url: string;
  readonly port: number;
  /** Refuses new requests, lets those under way finish (bounded), then closes. Once, whoever calls and however often. */
  close(): Promise<void>;
}

/** Serves an App over HTTP: GraphQL with uploads and subscriptions, media, playground, page, health. */
export async function startServer(app: App): Promise<LikenessServer> {
  const { config, logger } = app;
  const schema = await createSchema();
  const metrics = createMetrics(app);
  const localToken = randomBytes(32).toString('base64url');
  const assertAdministrator = administratorCheck({
    token: config.adminToken,
    localToken,
    host: config.host,
  });
  let stopping = false;

  const createContext = contextMaker(app, assertAdministrator);
  const prepareOperation = operationGate({ schema, introspection: config.introspection });
  const countRequest = requestCounter(config.rateLimit);
  const apollo = createApollo({ schema, prepareOperation, logger });
  await apollo.start();

  const isOwnHost = hostRules({ host: config.host, allowed: config.allowedHosts });
  const isStopping = (): boolean => stopping;
  const dataDir = dataDirOf(config);

  const web = express();
  web.disable('x-powered-by');
  web.use(requestMetrics(metrics));
  web.use(boundRestOfBody);
  web.use(hostGuard(isOwnHost));
  web.use(cors(config.corsOrigins));
  web.use(healthRoutes(app, metrics, isStopping));
  web.use('/media', refuseWhenStopping(isStopping), mediaRoutes(app));

  if (config.introspection) web.use('/playground', playground());

  web.get('/graphql', (request, response, next) => {
    const accept = request.get('accept') ?? '';
    const isBrowser = accept.includes('text/html') && !accept.includes('json');
    if (!config.introspection || !isBrowser || request.query['query'] !== undefined) return next();
    response.redirect('/playground');
  });
  web.use(
    '/graphql',
    graphqlRoute({
      apollo,
      createContext,
      spaces: app.spaces,
      guards: [refuseWhenStopping(isStopping), rateLimit(countRequest)],
      uploads: {
        dir: temporaryDirOf(dataDir),
        memory: app.memory,
        maxBytes: config.maxUploadBytes,
        maxFiles: MAX_BATCH,
      },
    }),
  );

  web.use(webPage(webDirOf(PROJECT_DIR)));
  web.use(
    (request: Request, response: Response) =>
      void response.status(404).json({ error: `Nothing is at ${request.path}` }),
  );
  web.use((error: unknown, _request: Request, response: Response, _next: NextFunction) =>
    sendError(response, error, logger),
  );

  const server = createHttpServer(web);
  const subscriptions = serveSubscriptions({
    server,
    schema,
    prepareOperation,
    countRequest,
    origins: config.corsOrigins,
    isOwnHost,
    logger,
    createContext,
    spaces: app.spaces,
  });
  try {
    await listen(server, config.port, config.host);
  } catch (error) {
    await apollo.stop();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  const url = urlOf(config.host, port);
  // From a machine's own commands to its server: to all addresses is also to loopback.
  const localHost = { '0.0.0.0': '127.0.0.1', '::': '::1' }[config.host] ?? config.host;
  await writeServerFile(dataDir, { pid: process.pid, url: urlOf(localHost, port), token: localToken }).catch(
    (error: unknown) =>
      logger.warn({ error: messageOf(error) }, 'commands on this machine will not find this server'),
  );

  let closed: Promise<void> | null = null;
  return {
    port,
    url,
    close: () => {
      stopping = true;
      return (closed ??= (async () => {
        await removeServerFile(dataDir);
        const ended = new Promise<void>((resolve) => server.close(() => resolve()));
        await subscriptions.close();
        server.closeIdleConnections();
        const sweep = setInterval(() => server.closeIdleConnections(), 50);
        const deadline = setTimeout(() => server.closeAllConnections(), DRAIN_SHARE * config.stopTimeoutMs);
        await ended;
        clearInterval(sweep);
        clearTimeout(deadline);
        await apollo.stop();
      })());
    },
  };
}
