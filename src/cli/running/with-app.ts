import type { App, AppOptions } from '../../app.js';
import { loadConfig, readEnvironment, type Flags } from '../../config.js';
import { AppError } from '../../errors.js';
import { createLogger } from '../../logger.js';

export interface WithAppOptions extends Pick<AppOptions, 'readOnly' | 'lazyEmbedder'> {
  /** What to do instead if a server holds the data folder. */
  readonly whenLocked?: string;
}

/**
 * Opens the app, runs `task` with it and always closes it. The log goes to stderr; without LOG_LEVEL only warnings and
 * errors, since commands print their own messages.
 * @throws AppError as `createApp`, and whatever the task throws
 */
export async function withApp<Result>(
  flags: Flags,
  { whenLocked, ...options }: WithAppOptions,
  task: (app: App) => Promise<Result>,
): Promise<Result> {
  const config = loadConfig({ LOG_LEVEL: 'warn', ...readEnvironment() }, flags);
  const logger = createLogger({ level: config.logLevel, format: config.logFormat, destination: 2 });
  const { createApp } = await import('../../app.js'); // only now: help and usage errors need none of it
  const app = await createApp({ config, logger, ...options }).catch((error: unknown) => {
    throw advise(error, whenLocked);
  });
  let result: Result;
  try {
    result = await task(app);
  } catch (error) {
    await app.close().catch(() => {}); // the first failure is reported
    throw error;
  }
  await app.close();
  return result;
}

function advise(error: unknown, whenLocked: string | undefined): unknown {
  if (!(error instanceof AppError) || error.code !== 'DATA_LOCKED' || whenLocked === undefined) return error;
  const { pid, host } = error.details as { pid?: number; host?: string };
  if (pid === undefined || host === undefined) return error;
  const message = `The data folder is in use by process ${pid} on ${host}. ${whenLocked}`;
  return new AppError('DATA_LOCKED', message, { details: error.details, cause: error });
}
