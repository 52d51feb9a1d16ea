import { AppError } from '../../errors.js';
import { check } from '../../lib/check.js';
import type { ModelFile } from '../../services/embedding/model-file.js';
import { checkModelId, publishModel, writeModelFile } from '../model-folder.js';
import { tryModel } from '../try-model.js';
import { openWeights } from '../weights/open.js';
import type { WeightFile } from '../weights/types.js';
import { recogniseArchitecture, type Architecture } from './architecture.js';
import type { Calibration } from './calibrate.js';
import {
  checkInputSize,
  choosePreprocess,
  describeModel,
  MODEL_INPUT,
  NORMALIZE,
  usualId,
  type Precision,
  type PreprocessMode,
} from './describe.js';
import { float16Linear, float32Linear } from './linear.js';
import { ModelWriter } from './model-writer.js';
import { quantise, type Quantised } from './quantise.js';
import type { AttentionForm, InputSize } from './graph-scope.js';
import { graphSteps, OPSETS, writeDinov2 } from './write-graph.js';

export interface ConvertOptions {
  /** A .npz, a .safetensors, the index of a sharded one, or a folder with them. */
  readonly weightsPath: string;
  readonly modelsDir: string;
  /** By default from the architecture, such as `dinov2-base-registers-fp16`; required for weights of no published size. */
  readonly id?: string | undefined;
  /** Default: dynamic. */
  readonly size?: InputSize | undefined;
  /** Default: fp32. */
  readonly precision?: Precision | undefined;
  /** By default the one that crops nothing. */
  readonly preprocess?: PreprocessMode | undefined;
  readonly replace?: boolean | undefined;
  readonly attention?: AttentionForm | undefined;
  /** For int8: files of typical pictures for SmoothQuant. Without them, everything is quantised directly. */
  readonly calibrationPictures?: readonly string[] | undefined;
  /** Files of pictures for the model's table of similarities, which small galleries use. */
  readonly samples?: readonly string[] | undefined;
  readonly onCalibration?: (done: number, total: number) => void;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal | undefined;
  /** Entry of the worker process that tests the model; the one for calibration is in the same folder. */
  readonly workerUrl?: URL;
}

export interface Converted {
  readonly definition: ModelFile;
  readonly architecture: Architecture;
  readonly calibration: Calibration | null;
}

/** The fastest form on CPUs, as measured. */
const ATTENTION: AttentionForm = 'fused';

/**
 * Makes `models/<id>/` from trained DINOv2 weights: writes the graph and its constants, one tensor at a time, loads and
 * runs it once in the runtime, and only then moves it into place. If it fails, nothing is left behind.
 * @throws AppError MODEL_MISSING, MODEL_MISMATCH naming file and tensor, BAD_USER_INPUT, STORAGE_FAILED; the signal's reason
 */
export async function convertDinov2(options: ConvertOptions): Promise<Converted> {
  const { modelsDir, size = 'dynamic', precision = 'fp32', replace = false, signal } = options;
  checkInputSize(size);
  const preprocess = choosePreprocess(size, options.preprocess);
  const file = await openWeights(options.weightsPath);
  try {
    const architecture = recogniseArchitecture(file);
    const id = options.id ?? usualId(architecture, precision);
    if (id === null) throw idNeeded(architecture);
    await checkModelId(modelsDir, id, { replace });
    const { weights, linear, calibration } = await chooseLinear(file, architecture);

    const steps = graphSteps(architecture) + 1;
    let done = 0;
    const step = (): void => options.onProgress?.(++done, steps);
    const definition = await publishModel(modelsDir, id, { replace }, async (folder) => {
      const writer = await ModelWriter.create(folder, { name: 'dinov2', opsets: OPSETS });
      try {
        await writeDinov2(writer, weights, architecture, {
          size,
          linear,
          attention: options.attention ?? ATTENTION,
          onStep: step,
          signal,
        });
        const written = await writer.finish();
        const described = describeModel(id, architecture, written, { preprocess, precision });
        await writeModelFile(folder, described);
        const { samples, workerUrl } = options;
        const tried = await tryModel(folder, { samples, signal, workerUrl });
        signal?.throwIfAborted();
        step();
        return tried;
      } finally {
        await writer.close();
      }
    });
    return { definition, architecture, calibration };
  } finally {
    await file.close();
  }

  async function chooseLinear(weights: WeightFile, architecture: Architecture): Promise<Quantised> {
    const pictures = options.calibrationPictures;
    check(pictures === undefined || precision === 'int8', 'calibrate', 'precision int8 with calibration');
    switch (precision) {
      case 'fp32':
        return { weights, linear: float32Linear, calibration: null };
      case 'fp16':
        return { weights, linear: float16Linear, calibration: null };
      case 'int8': {
        if (pictures === undefined) return quantise(weights, architecture, null);
        const { workerUrl } = options;
        return quantise(weights, architecture, {
          pictures,
          modelsDir,
          size,
          definition: { input: MODEL_INPUT, preprocess, normalize: NORMALIZE },
          onProgress: options.onCalibration,
          signal,
          workerUrl: workerUrl === undefined ? undefined : new URL('probe-worker.js', workerUrl),
        });
      }
    }
  }
}

function idNeeded({ dimension, depth }: Architecture): AppError {
  return new AppError(
    'BAD_USER_INPUT',
    `These weights are of no published size (${dimension} wide, ${depth} blocks): give the model a name with --id.`,
    { details: { path: 'id', rule: 'a name for weights of no published size' } },
  );
}
