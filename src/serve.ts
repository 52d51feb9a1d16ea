import { createApp, type App } from './app.js';
import {
  dataDirOf,
  loadConfig,
  readEnvironment,
  temporaryDirOf,
  useTemporaryDir,
  type Config,
  type Flags,
} from './config.js';
import { AppError, messageOf } from './errors.js';
import { createLogger, type Logger } from './logger.js';
import { startServer, type LikenessServer } from './server.js';

/**
 * Runs the server until SIGTERM or SIGINT (or until it cannot start).
 * @returns the exit code of the process
 */
export async function serve(flags: Flags): Promise<number> {
  let logger = createLogger({ level: 'info', format: 'pretty' });
  try {
    const config = loadConfig(readEnvironment(), flags);
    logger = createLogger({ level: config.logLevel, format: config.logFormat });
    useTemporaryDir(temporaryDirOf(dataDirOf(config)));
    const stopped = stopSignal();
    const app = await createApp({ config, logger });
    let server: LikenessServer;
    try {
      await fillSampleGallery(app);
      server = await startServer(app);
    } catch (error) {
      await app.close();
      throw error;
    }
    catchUp(app);
    await announce(app, server, config, logger);
    const signal = await stopped;
    logger.info({}, `${signal}: finishing what runs`);
    return await stop(app, server, config.stopTimeoutMs, logger);
  } catch (error) {
    const code = error instanceof AppError ? error.code : undefined;
    logger.error(
      code ? { code } : { stack: error instanceof Error ? error.stack : undefined },
      messageOf(error),
    );
    return error instanceof AppError ? error.info.exitCode : 1;
  }
}

/** The first of the two; a second one ends the process at once, as people at a terminal expect. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
}

async function stop(app: App, server: LikenessServer, timeoutMs: number, logger: Logger): Promise<number> {
  const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), timeoutMs).unref());
  const closed = (async () => {
    await server.close();
    await app.close();
  })();
  if ((await Promise.race([closed, late])) === 'late') {
    logger.warn({}, 'not everything ended in time; nothing acknowledged is lost');
    return 1;
  }
  logger.info({}, 'stopped');
  return 0;
}

async function fillSampleGallery(app: App): Promise<void> {
  if (app.config.sampleGallery === 'off') return;
  const filling = await app.startSampleGallery();
  if (filling === null) return;
  const { added, failed } = await filling.finished;
  app.logger.info({ added, failed }, 'filled the empty gallery with sample pictures');
}

/** Behind the serving: pictures without a vector get one, and a change of model that is due is made. */
function catchUp(app: App): void {
  app.modelSwitch.resume();
  void app.catalog.idsWithoutVector(app.embedder.model.spaceId, 0, 1).then((missing) => {
    if (missing.length > 0) app.startEmbedMissing();
  });
}

async function announce(app: App, { url }: LikenessServer, config: Config, logger: Logger): Promise<void> {
  const change = await app.modelSwitch.state();
  const { id, dimension, inputSize, precision, description } = app.embedder.model;
  const { workers, threadsPerWorker } = app.embedder.status();
  const { mode, problem, rebuilding } = app.index.status();
  const seconds = ((Date.now() - app.startedAt.getTime()) / 1000).toFixed(1);
  const lines = [
    `Likeness is ready after ${seconds} s`,
    `  web page    ${url}/`,
    `  GraphQL     ${url}/graphql`,
    ...(config.introspection ? [`  playground  ${url}/playground`] : []),
    `  gallery     ${await app.catalog.countImages()} pictures (${config.mediaDir})`,
    `  model       ${id}: ${dimension} dimensions, ${inputSize}, ${precision}; ${workers} x ${threadsPerWorker} threads`,
    `              ${description}`,
    ...(change === null
      ? []
      : [
          `  next model  ${change.to}: ${change.embedded} of ${change.total} pictures have their vector of it; it serves when all have`,
        ]),
    `  index       ${mode === 'hnsw' ? 'HNSW graph' : 'exact search'}${rebuilding ? ', a graph is being built' : ''}`,
  ];
  if (problem !== null) logger.warn({}, `index: ${problem}`);
  const [ready, ...rest] = lines;
  logger.info(config.logFormat === 'json' ? { url } : {}, ready as string);
  for (const line of rest) logger.info({}, line);
}
