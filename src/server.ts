import { randomBytes } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { App } from './app.js';
import { dataDirOf } from './config.js';
import { messageOf } from './errors.js';
import { authenticator } from './http/authenticate.js';
import { createApollo } from './http/apollo.js';
import { hostRules } from './http/host-guard.js';
import { listen, urlOf } from './http/listen.js';
import { requestCounter } from './http/rate-limit.js';
import { contextMaker } from './http/request-context.js';
import { removeServerFile, writeServerFile } from './http/server-file.js';
import { serveSubscriptions } from './http/subscriptions.js';
import { webApp } from './http/web-app.js';
import { createSchema } from './schema/build-schema.js';
import { operationGate } from './schema/prepare-operation.js';

/** As Node has it by default. */
const HEADERS_MS = 60_000;
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
  const localToken = randomBytes(32).toString('base64url');
  const authenticate = authenticator({
    token: config.adminToken,
    localToken,
    host: config.host,
  });
  let stopping = false;

  const createContext = contextMaker(app, authenticate);
  const prepareOperation = operationGate({ schema, introspection: config.introspection });
  const countRequest = requestCounter(config.rateLimit);
  const apollo = createApollo({ schema, prepareOperation, logger });
  await apollo.start();

  const isOwnHost = hostRules({ host: config.host, allowed: config.allowedHosts });
  const isStopping = (): boolean => stopping;
  const web = webApp(app, {
    apollo,
    createContext,
    countRequest,
    authenticate,
    isOwnHost,
    isStopping,
  });
  // The time for a whole request is bounded by `boundTimeOfBody`.
  const server = createHttpServer({ requestTimeout: 0, headersTimeout: HEADERS_MS }, web);
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
