import { AppError } from '../errors.js';
import { silentLogger } from '../logger.js';
import { openEmbedder } from '../services/embedding/embedder.js';
import { measureEmbedder, writeMeasured } from '../services/embedding/measured.js';
import type { ModelFile } from '../services/embedding/model-file.js';
import { writeModelFile } from './model-folder.js';
import { loadModel } from '../services/embedding/model.js';
import { measureScale } from './sample-scale.js';

const TRIAL_TIMEOUT_MS = 120_000;

export interface TrialOptions {
  /** Files of pictures for its table of similarities. */
  readonly samples?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Entry of the worker process. */
  readonly workerUrl?: URL | undefined;
}

/**
 * Reads the folder of a new model, and checks that the real runtime loads it and computes finite numbers for one picture.
 * Stores its time per picture in the folder, and the similarities of the samples in its model.json.
 * @returns the final model.json
 * @throws AppError MODEL_MISMATCH, as `loadModel` and `openEmbedder`
 */
export async function tryModel(
  folder: string,
  { samples = [], signal, workerUrl }: TrialOptions = {},
): Promise<ModelFile> {
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
    // The folder will be gone when the message is read.
    if (error instanceof AppError && error.code === 'MODEL_MISMATCH')
      throw new AppError('MODEL_MISMATCH', `The model that was made cannot be used. ${error.message}`, {
        cause: error,
      });
    throw error;
  });
  try {
    const options = signal && { signal };
    await writeMeasured(model, await measureEmbedder(embedder, options));
    const similarityScale =
      model.definition.similarityScale ?? (await measureScale(embedder, samples, options));
    const definition = { ...model.definition, ...(similarityScale && { similarityScale }) };
    await writeModelFile(folder, definition);
    return definition;
  } finally {
    await embedder.close();
  }
}
