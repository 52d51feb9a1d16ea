import { createServer as createHttpServer, type Server } from 'node:http';
import express from 'express';
import type { App } from './app.js';
import { listen, urlOf } from './http/listen.js';
import { graphql } from './http/plugins/graphql.js';
import { guards } from './http/plugins/guards.js';
import { health } from './http/plugins/health.js';
import { lastWords } from './http/plugins/last-words.js';
import { media } from './http/plugins/media.js';
import { observation } from './http/plugins/observation.js';
import { page } from './http/plugins/page.js';
import { playground } from './http/plugins/playground.js';
import { serverFile } from './http/plugins/server-file.js';
import { subscriptions } from './http/plugins/subscriptions.js';
import { createServerParts } from './http/server-parts.js';
import type { CreatePlugin, ServerParts, ServerPlugin } from './http/server-plugin.js';
import { Closing } from './lib/closing.js';

/** Node's default. */
const HEADERS_MS = 60_000;
/** Share of the time for a stop that running requests may take; the rest is for saving. */
const DRAIN_SHARE = 0.65;
const IDLE_SWEEP_MS = 50;

/** The parts of the server; requests pass their routes in this order. */
const PLUGINS: readonly CreatePlugin[] = [
  serverFile,
  observation,
  guards,
  health,
  media,
  playground,
  graphql,
  subscriptions,
  page,
  lastWords,
];

export interface LikenessServer {
  readonly url: string;
  readonly port: number;
  /** Refuses new requests, lets those in progress finish (bounded), then closes. Runs once, however often it is called. */
  close(): Promise<void>;
}

/** Serves an App over HTTP: GraphQL with uploads and subscriptions, media, playground, page, health. */
export async function startServer(app: App, given?: ServerParts): Promise<LikenessServer> {
  const parts = given ?? (await createServerParts(app));
  const { config } = app;
  const closing = new Closing();
  try {
    const plugins = await createPlugins(parts, closing);
    const server = createHttp(plugins);
    closing.step(() => hangUp(server));
    const port = await listen(server, config.port, config.host);
    parts.lifecycle.serves();
    for (const plugin of plugins) await plugin.listening?.(port);
    return {
      port,
      url: urlOf(config.host, port),
      close: () =>
        parts.lifecycle.close(async () => {
          await drain(server, plugins, DRAIN_SHARE * config.stopTimeoutMs);
          await closing.close();
        }),
    };
  } catch (error) {
    await closing.close();
    throw error;
  }
}

async function createPlugins(parts: ServerParts, closing: Closing): Promise<ServerPlugin[]> {
  const plugins: ServerPlugin[] = [];
  for (const create of PLUGINS) {
    const plugin = await create(parts);
    plugins.push(plugin);
    closing.step(async () => plugin.close?.());
  }
  return plugins;
}

function createHttp(plugins: readonly ServerPlugin[]): Server {
  const web = express();
  web.disable('x-powered-by');
  web.disable('etag'); // files have their own, and no other answer may be cached
  for (const plugin of plugins) plugin.routes?.(web);
  // `boundTimeOfBody` limits the time for a whole request.
  const server = createHttpServer({ requestTimeout: 0, headersTimeout: HEADERS_MS }, web);
  for (const plugin of plugins) plugin.attach?.(server);
  return server;
}

/** After a drain there is nothing left to do. */
function hangUp(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Resolves when no connection is left; after `timeoutMs` busy ones are cut. */
async function drain(server: Server, plugins: readonly ServerPlugin[], timeoutMs: number): Promise<void> {
  for (const plugin of plugins) await plugin.stopping?.();
  const ended = new Promise<void>((resolve) => server.close(() => resolve()));
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    deadline.abort();
    server.closeAllConnections();
  }, timeoutMs);
  server.closeIdleConnections();
  const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
  for (const plugin of plugins) await plugin.drain?.(deadline.signal);
  await ended;
  clearInterval(sweep);
  clearTimeout(timer);
}
