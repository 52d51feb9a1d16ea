import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../errors.js';
import { lanes } from '../../lib/lanes.js';
import type { ModelFile } from '../../services/embedding/model-file.js';
import { withTemporaryFolder } from '../model-folder.js';
import { openProbe, type Probe } from '../probe.js';
import type { ProbeTensor } from '../probe-protocol.js';
import type { WeightFile } from '../weights/types.js';
import type { Architecture } from './architecture.js';
import type { InputSize } from './graph-scope.js';
import type { LinearEmitter } from './linear.js';
import { ModelWriter } from './model-writer.js';
import { OPSETS, writeDinov2 } from './write-graph.js';

export interface TrialOptions {
  readonly modelsDir: string;
  readonly size: InputSize;
  /** How pictures become its input. */
  readonly definition: Pick<ModelFile, 'input' | 'preprocess' | 'normalize'>;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Entry of the worker process. */
  readonly workerUrl?: URL | undefined;
}

/** One is read and decoded while the model runs on the other. */
const AT_ONCE = 2;

/** Runs a model with changed dense layers on pictures. */
export class CalibrationTrial {
  readonly #weights: WeightFile;
  readonly #architecture: Architecture;
  readonly #options: TrialOptions;
  /** Total number of expected runs, for the progress. */
  #expected: number;
  #done = 0;

  constructor(weights: WeightFile, architecture: Architecture, options: TrialOptions, expected: number) {
    this.#weights = weights;
    this.#architecture = architecture;
    this.#options = options;
    this.#expected = expected;
  }

  expectMore(runs: number): void {
    this.#expected += runs;
  }

  /** Writes the model with these dense layers and opens it. */
  async probing<Result>(linear: LinearEmitter, use: (probe: Probe) => Promise<Result>): Promise<Result> {
    const { modelsDir, size, definition, signal, workerUrl } = this.#options;
    return withTemporaryFolder(modelsDir, async (folder) => {
      const writer = await ModelWriter.create(folder, { name: 'dinov2-probe', opsets: OPSETS });
      try {
        const options = { size, linear, attention: 'fused', signal } as const;
        await writeDinov2(writer, this.#weights, this.#architecture, options);
        const { graph } = await writer.finish();
        const probe = await openProbe({
          path: join(folder, graph.file),
          definition,
          ...(workerUrl === undefined ? {} : { workerUrl }),
        });
        try {
          return await use(probe);
        } finally {
          await probe.close();
        }
      } finally {
        await writer.close();
      }
    });
  }

  /**
   * @param outputs by layer
   * @returns how many could be read
   */
  async run(
    probe: Probe,
    files: readonly string[],
    outputs: ReadonlyMap<string, string>,
    onResult: (layer: string, result: ProbeTensor) => void,
  ): Promise<number> {
    let good = 0;
    await lanes(files, AT_ONCE, async (file) => {
      this.#options.signal?.throwIfAborted();
      const result = await readFile(file)
        .then((bytes) => probe.runPicture(bytes, [...outputs.values()]))
        .catch((error: unknown) => {
          if (isPicturesFault(error)) return null;
          throw error;
        });
      if (result !== null) {
        for (const [layer, output] of outputs) onResult(layer, result[output]!);
        good++;
      }
      this.#options.onProgress?.(++this.#done, this.#expected);
    });
    return good;
  }
}

function isPicturesFault(error: unknown): boolean {
  if (error instanceof AppError) return error.code.startsWith('IMAGE_');
  return typeof (error as NodeJS.ErrnoException).code === 'string'; // the file cannot be read
}
