import { AppError } from '../../errors.js';
import { silentLogger } from '../../logger.js';
import { openEmbedder } from './embedder.js';
import { measureEmbedder, writeMeasured } from './measured.js';
import { loadModel, type Model } from './model.js';

const TRIAL_TIMEOUT_MS = 120_000;

/**
 * Reads a folder that is to become a model, and has the real runtime load it and give finite numbers for one picture.
 * How long it takes a picture is kept beside it.
 * @param workerUrl entry of the worker process
 * @throws AppError MODEL_MISMATCH, as `loadModel` and `openEmbedder`
 */
export async function tryModel(folder: string, workerUrl?: URL): Promise<Model> {
  const model = await loadModel(folder);
  const embedder = await openEmbedder({
    model,
    workers: 1,
    threads: 0,
    maxQueue: 1,
    timeoutMs: TRIAL_TIMEOUT_MS,
    maxPixels: 1_000_000,
    logger: silentLogger,
    ...(workerUrl === undefined ? {} : { workerUrl }),
  }).catch((error: unknown) => {
    // The folder is gone when this is read.
    if (error instanceof AppError && error.code === 'MODEL_MISMATCH')
      throw new AppError('MODEL_MISMATCH', `The model that was made cannot be used. ${error.message}`, {
        cause: error,
      });
    throw error;
  });
  try {
    await writeMeasured(model, await measureEmbedder(embedder));
    return model;
  } finally {
    await embedder.close();
  }
}
