import { createApp, type App } from './app.js';
import {
  dataDirOf,
  earlyLogFormat,
  loadConfig,
  readEnvironment,
  temporaryDirOf,
  useTemporaryDir,
  type Config,
  type Flags,
} from './config.js';
import { AppError, messageOf } from './errors.js';
import { assertCanListen } from './http/listen.js';
import { findServer } from './http/server-file.js';
import { createLogger, type Logger } from './logger.js';
import { startServer, type LikenessServer } from './server.js';
import type { ModelSwitchState } from './services/spaces/model-switch.js';

/**
 * Runs the server until SIGTERM or SIGINT (or until it cannot start).
 * @returns the exit code of the process
 */
export async function serve(flags: Flags): Promise<number> {
  let logger = createLogger({ level: 'info', format: earlyLogFormat(flags) });
  const crashed = logWhatNodePrints(() => logger);
  try {
    const config = loadConfig(readEnvironment(), flags);
    logger = createLogger({ level: config.logLevel, format: config.logFormat });
    return await Promise.race([run(config, logger), crashed]);
  } catch (error) {
    const code = error instanceof AppError ? error.code : undefined;
    logger.error(
      code ? { code } : { stack: error instanceof Error ? error.stack : undefined },
      messageOf(error),
    );
    return error instanceof AppError ? error.info.exitCode : 1;
  }
}

async function run(config: Config, logger: Logger): Promise<number> {
  useTemporaryDir(temporaryDirOf(dataDirOf(config)));
  const asked = new AbortController();
  const signal = stopSignal().finally(() => asked.abort());
  const running = start(config, logger, asked.signal);
  // Whichever comes first: the signal, or a failed start.
  await Promise.race([signal, running.then(() => signal)]);
  logger.info({}, `${await signal}: finishing running work`);
  return await stop(running, config.stopTimeoutMs, logger);
}

/**
 * Turns warnings and uncaught errors into log entries, where Node would print its own lines to standard error.
 * @returns resolves with the exit code after an uncaught error: the state is then unreliable, but everything acknowledged
 *   is on disk
 */
function logWhatNodePrints(logger: () => Logger): Promise<number> {
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message, stack }) => logger().warn({ name, stack }, message));
  process.removeAllListeners('uncaughtException');
  return new Promise((resolve) => {
    process.on('uncaughtException', (error: unknown) => {
      const stack = error instanceof Error ? error.stack : undefined;
      logger().error({ stack }, `crashed: ${messageOf(error)}`);
      resolve(1);
    });
  });
}

/** The first signal; a second one ends the process at once, as users of a terminal expect. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
}

interface Running {
  close(): Promise<void>;
}

/** @param asked aborted when the server has to stop; remaining steps are then skipped */
async function start(config: Config, logger: Logger, asked: AbortSignal): Promise<Running> {
  // If a server holds the data folder, that is reported rather than its use of the port.
  if ((await findServer(dataDirOf(config)).catch(() => null)) === null)
    await assertCanListen(config.port, config.host);
  const app = await createApp({ config, logger });
  try {
    if (!asked.aborted) await fillSampleGallery(app, asked);
    if (asked.aborted) return app;
    const server = await startServer(app);
    const close = async (): Promise<void> => {
      await server.close();
      await app.close();
    };
    if (asked.aborted) return { close };
    catchUp(app);
    await announce(app, server, config, logger);
    return { close };
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function stop(running: Promise<Running>, timeoutMs: number, logger: Logger): Promise<number> {
  const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), timeoutMs).unref());
  const closed = running.then((started) => started.close());
  if ((await Promise.race([closed, late])) === 'late') {
    logger.warn({}, 'not everything ended in time; nothing acknowledged is lost');
    return 1;
  }
  logger.info({}, 'stopped');
  return 0;
}

/** Returns early if the server has to stop; closing the app ends the job. */
async function fillSampleGallery(app: App, asked: AbortSignal): Promise<void> {
  if (app.config.sampleGallery === 'off') return;
  const filling = await app.startSampleGallery();
  if (filling === null) return;
  app.logger.info({}, 'filling the empty gallery with sample pictures');
  const aborted = new Promise<null>((resolve) => asked.addEventListener('abort', () => resolve(null)));
  const filled = await Promise.race([filling.finished, aborted]);
  if (filled === null) return;
  const { added, failed } = filled;
  app.logger.info({ added, failed }, 'filled the empty gallery with sample pictures');
}

/** In the background: computes missing vectors and resumes a pending change of model. */
function catchUp(app: App): void {
  app.modelSwitch.resume();
  app.mediaCheck.start();
  app.measureServing();
  app.libraries.start().catch((error: unknown) => {
    app.logger.error({ error: messageOf(error) }, 'libraries are not followed');
  });
  const missed =
    (what: string) =>
    (error: unknown): void => {
      if (error instanceof AppError && error.code === 'SHUTTING_DOWN') return;
      app.logger.error({ error: messageOf(error) }, what);
    };
  app.startReadFacts().catch(missed('pictures whose facts are unread could not be looked for'));
  app.catalog.vectors
    .idsWithout(app.embedder.model.spaceId, 0, 1)
    .then((missing) => {
      if (missing.length > 0) app.startEmbedMissing();
    })
    .catch(missed('pictures without a vector could not be found'));
}

/** A new version of the serving model, from an update of Likeness, has the same name. */
const nextModel = ({ from, to, embedded, total }: ModelSwitchState): string =>
  from === to
    ? `a new version of ${to}: the gallery switches to it by itself while searches continue (${embedded} of ${total} pictures)`
    : `${to}: ${embedded} of ${total} pictures have a vector from it; it serves when all have one`;

async function announce(app: App, { url }: LikenessServer, config: Config, logger: Logger): Promise<void> {
  const change = await app.modelSwitch.state();
  const { id, dimension, inputSize, precision, description } = app.embedder.model;
  const { workers, threadsPerWorker } = app.embedder.status();
  const { mode, problem, limitation, rebuilding } = await app.index.status();
  const seconds = ((Date.now() - app.startedAt.getTime()) / 1000).toFixed(1);
  const lines = [
    `Likeness is ready after ${seconds} s`,
    `  web page    ${url}/`,
    `  GraphQL     ${url}/graphql`,
    ...(config.introspection ? [`  playground  ${url}/playground`] : []),
    `  gallery     ${await app.catalog.images.count()} pictures (${config.mediaDir})`,
    `  model       ${id}: ${dimension} dimensions, ${inputSize}, ${precision}; ${workers} x ${threadsPerWorker} threads`,
    `              ${description}`,
    ...(change === null ? [] : [`  next model  ${nextModel(change)}`]),
    `  index       ${mode === 'hnsw' ? 'HNSW graph' : 'exact search'}${rebuilding ? ', a graph is being built' : ''}`,
  ];
  if (problem !== null) logger.warn({}, `index: ${problem}`);
  if (limitation !== null) logger.warn({}, `index: ${limitation}`);
  const [ready, ...rest] = lines;
  logger.info(config.logFormat === 'json' ? { url } : {}, ready as string);
  for (const line of rest) logger.info({}, line);
}
