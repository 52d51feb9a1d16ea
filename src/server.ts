import { randomBytes } from 'node:crypto';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { expressMiddleware } from '@as-integrations/express5';
import { altairExpress } from 'altair-express-middleware';
import express, { type NextFunction, type Request, type Response } from 'express';
import graphqlUploadExpress from 'graphql-upload/graphqlUploadExpress.mjs';
import type { App } from './app.js';
import { dataDirOf, PROJECT_DIR, VERSION } from './config.js';
import { AppError, messageOf } from './errors.js';
import { administratorCheck } from './http/admin.js';
import { cors, guardUploads, rateLimit, sendError } from './http/graphql-guard.js';
import { mediaRoutes } from './http/media-routes.js';
import { createMetrics } from './http/metrics.js';
import { uploadReader } from './http/read-upload.js';
import { removeServerFile, writeServerFile } from './http/server-file.js';
import { serveSubscriptions } from './http/subscriptions.js';
import { visitorOf } from './http/visitor.js';
import { webDirOf, webPage } from './http/web-page.js';
import { createSchema } from './schema/build-schema.js';
import type { Context } from './schema/context.js';
import { formatError, publicError } from './schema/format-error.js';
import { assertAffordable, MAX_BATCH, MAX_PAGE_SIZE, MAX_TOKENS, operationLimits } from './schema/limits.js';
import type { ServerStatus } from './schema/status.type.js';
import { allowedFolder } from './services/import-folder.js';
import { MAX_TOP_K } from './services/search.js';
import type { Space } from './services/spaces.js';

/** How long requests under way may take once the server is asked to stop. */
const DRAIN_MS = 6000;

export interface LikenessServer {
  readonly url: string;
  readonly port: number;
  /** Refuses new requests, lets those under way finish (bounded), then closes. Once, whoever calls and however often. */
  close(): Promise<void>;
}

function statusOf(app: App): () => Promise<ServerStatus> {
  return async () => ({
    version: VERSION,
    nodeVersion: process.versions.node,
    startedAt: app.startedAt,
    uptimeSeconds: (Date.now() - app.startedAt.getTime()) / 1000,
    ready: true,
    gallerySize: await app.catalog.countImages(),
    memoryBytes: process.memoryUsage.rss(),
    model: app.embedder.model,
    index: app.index.status(),
    embedder: app.embedder.status(),
    jobs: app.jobs.list(),
    limits: {
      maxUploadBytes: app.config.maxUploadBytes,
      maxImagePixels: app.config.maxImagePixels,
      maxTopK: MAX_TOP_K,
      maxBatch: MAX_BATCH,
      maxPageSize: MAX_PAGE_SIZE,
    },
  });
}

/** Serves an App over HTTP: GraphQL with uploads and subscriptions, media, playground, page, health. */
export async function startServer(app: App): Promise<LikenessServer> {
  const { config, logger } = app;
  const schema = await createSchema();
  const metrics = createMetrics(app);
  const status = statusOf(app);
  const localToken = randomBytes(32).toString('base64url');
  const assertAdministrator = administratorCheck({
    token: config.adminToken,
    localToken,
    host: config.host,
  });
  let stopping = false;

  const createContext = (request: IncomingMessage, parts: ContextParts): Context => ({
    search: parts.space === null ? app.search : app.search.within(parts.space),
    ingest: app.ingest,
    catalog: app.catalog,
    history: app.history,
    jobs: app.jobs,
    changes: app.changes,
    atlas: app.atlas.within(parts.space ?? app.spaces.serving),
    status,
    modelSwitch: app.modelSwitch,
    spaceStates: () => app.spaceStates(),
    dropSpace: (id) => app.dropSpace(id),
    assertAdministrator: () => assertAdministrator(request),
    isAdministrator: () => {
      try {
        assertAdministrator(request);
        return true;
      } catch {
        return false;
      }
    },
    importFolder: async (path, tags) =>
      app.startImport(await allowedFolder(path, config.importRoots), tags).job,
    visitorId: visitorOf(request, parts.response),
    signal: parts.signal,
    readUpload: uploadReader(config.maxUploadBytes),
    publicError: (error) => publicError(error, logger),
  });

  const apollo = new ApolloServer<Context>({
    schema,
    introspection: config.introspection,
    csrfPrevention: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    validationRules: [operationLimits],
    formatError: (formatted, error) => formatError(formatted, error, logger),
    logger: {
      debug: (message) => logger.debug({}, String(message)),
      info: (message) => logger.debug({}, String(message)),
      warn: (message) => logger.warn({}, String(message)),
      error: (message) => logger.error({}, String(message)),
    },
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      {
        requestDidStart: async () => ({
          didResolveOperation: async ({ document, operationName, request }) =>
            assertAffordable(schema, document, operationName, request.variables ?? {}),
        }),
      },
    ],
  });
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

  if (config.introspection) {
    web.use(
      '/playground',
      altairExpress({
        endpointURL: '/graphql',
        subscriptionsEndpoint: '/graphql',
        initialHeaders: { 'apollo-require-preflight': 'true' },
        initialQuery: INITIAL_QUERY,
      }),
    );
  }

  web.get('/graphql', (request, response, next) => {
    const accept = request.get('accept') ?? '';
    const isBrowser = accept.includes('text/html') && !accept.includes('json');
    if (!config.introspection || !isBrowser || request.query['query'] !== undefined) return next();
    response.redirect('/playground');
  });
  web.use(
    '/graphql',
    refuseWhenStopping,
    rateLimit(config.rateLimit),
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
    origins: config.corsOrigins,
    logger,
    createContext: (request, space) =>
      createContext(request, { signal: new AbortController().signal, space }),
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
        const deadline = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
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

interface ContextParts {
  /** Where a visitor without an id gets one. */
  readonly response?: ServerResponse;
  readonly signal: AbortSignal;
  /** Leased for as long as the context is used; null: each operation sees what serves then. */
  readonly space: Space | null;
}

const INITIAL_QUERY = `# Likeness: which of my pictures look like this one?
# To search by a file: add it under "Add files" below the variables as \`image\`, then run SearchByFile.
query Gallery {
  galleryImages(first: 8) {
    totalCount
    edges { node { id title tags thumbnailUrl similar(topK: 3) { similarity image { id title } } } }
  }
}

query SearchByFile($image: Upload!) {
  searchByImage(image: $image, topK: 5) {
    matches { rank similarity image { id title url } }
    analysis { width height format timings { decodeMs embedMs searchMs totalMs } }
  }
}
`;

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
