import { randomBytes } from 'node:crypto';
import { createServer as createHttpServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expressMiddleware } from '@as-integrations/express5';
import express, { type NextFunction, type Request, type Response } from 'express';
import graphqlUploadExpress from 'graphql-upload/graphqlUploadExpress.mjs';
import type { App } from './app.js';
import { dataDirOf, PROJECT_DIR } from './config.js';
import { AppError, messageOf } from './errors.js';
import { administratorCheck } from './http/admin.js';
import { createApollo } from './http/apollo.js';
import { cors, guardUploads, rateLimit, sendError } from './http/graphql-guard.js';
import { mediaRoutes } from './http/media-routes.js';
import { createMetrics } from './http/metrics.js';
import { playground } from './http/playground.js';
import { requestCounter } from './http/rate-limit.js';
import { contextMaker } from './http/request-context.js';
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

  const web = express();
  web.disable('x-powered-by');
  web.use((request: Request, response: Response, next: NextFunction) => {
    const start = performance.now();
    response.on('finish', () => {
      const [, first = ''] = request.originalUrl.split(/[/?]/);
      const route = ['graphql', 'media', 'playground', 'health', 'ready', 'metrics'].includes(first)
        ? `/${first}`
        : 'page';
      metrics.observeRequest(route, response.statusCode, (performance.now() - start) / 1000);
    });
    next();
  });
  web.use(cors(config.corsOrigins));

  web.get('/health', (_request, response) => void response.json({ status: 'ok' }));
  web.get('/ready', (_request, response) => {
    const index = app.index.status();
    response
      .status(stopping ? 503 : 200)
      .json({ ready: !stopping, index: index.mode, rebuilding: index.rebuilding, images: index.size });
  });
  web.get('/metrics', async (_request, response) => {
    response.set('content-type', metrics.registry.contentType).send(await metrics.registry.metrics());
  });

  const refuseWhenStopping = (_request: Request, response: Response, next: NextFunction): void => {
    if (!stopping) return next();
    response.set('connection', 'close');
    throw new AppError('SHUTTING_DOWN', 'The server is stopping.', { details: { retryAfterMs: 5000 } });
  };
  web.use('/media', refuseWhenStopping, mediaRoutes(app));

  if (config.introspection) web.use('/playground', playground());

  web.get('/graphql', (request, response, next) => {
    const accept = request.get('accept') ?? '';
    const isBrowser = accept.includes('text/html') && !accept.includes('json');
    if (!config.introspection || !isBrowser || request.query['query'] !== undefined) return next();
    response.redirect('/playground');
  });
  web.use(
    '/graphql',
    refuseWhenStopping,
    rateLimit(countRequest),
    guardUploads(config.maxUploadBytes),
    // One byte over the limit may arrive, so that a file of exactly the limit is told from a longer one.
    graphqlUploadExpress({
      maxFileSize: config.maxUploadBytes + 1,
      maxFiles: MAX_BATCH,
      maxFieldSize: 1_000_000,
    }),
    express.json({ limit: '1mb' }),
    expressMiddleware(apollo, {
      context: async ({ req, res }) => {
        const gone = new AbortController();
        // One space for the whole request: what an answer says of vectors belongs together.
        const lease = app.spaces.lease();
        res.once('close', () => {
          if (!res.writableFinished) gone.abort();
          lease.release();
        });
        if (res.closed) lease.release(); // gone before it was read to its end
        return createContext(req, { response: res, signal: gone.signal, space: lease.space });
      },
    }),
  );

  web.use(webPage(webDirOf(PROJECT_DIR)));
  web.use(
    (request: Request, response: Response) =>
      void response.status(404).json({ error: `Nothing is at ${request.path}` }),
  );
  web.use((error: unknown, _request: Request, response: Response, _next: NextFunction) =>
    sendError(response, asAppError(error), logger),
  );

  const server = createHttpServer(web);
  const subscriptions = serveSubscriptions({
    server,
    schema,
    prepareOperation,
    countRequest,
    origins: config.corsOrigins,
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
  const dataDir = dataDirOf(config);
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

const urlOf = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** What Express and the body readers throw, as errors of ours. */
function asAppError(error: unknown): unknown {
  const { status, type, message } = error as { status?: number; type?: string; message?: string };
  if (error instanceof AppError || status === undefined || status < 400 || status >= 500) return error;
  const rule = type ?? (status === 413 ? 'within the limits' : 'a well-formed request');
  return new AppError('BAD_USER_INPUT', `Expected a well-formed request: ${message ?? 'refused'}`, {
    details: { path: 'request', rule },
    cause: error,
  });
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new AppError(
              'CONFIG_INVALID',
              `Port ${port} of ${host} is in use. Stop the other program or set PORT to another one.`,
            )
          : new AppError('CONFIG_INVALID', `Cannot listen on ${host}:${port}: ${error.message}`),
      );
    });
    server.listen(port, host, resolve);
  });
}
