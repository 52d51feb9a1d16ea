import type { ModelFile } from '../services/embedding/model-file.js';

/** What a probe and its worker process say to each other, over a WorkerPool. */

export interface ProbeInit {
  /** The ONNX file. */
  readonly path: string;
  /** How pictures become its input. */
  readonly definition: Pick<ModelFile, 'input' | 'preprocess' | 'normalize'>;
  readonly threads: number;
  readonly maxPixels: number;
}

export interface ProbeRequest {
  /** Names of the outputs wanted. */
  readonly outputs: readonly string[];
  /** The job's body is an encoded picture; with this, the bytes of a float32 tensor of these sizes. */
  readonly dims?: readonly number[];
}

export interface ProbeTensor {
  readonly dims: readonly number[];
  /** Row-major. */
  readonly data: Float32Array;
}

/** By name of the output. */
export type ProbeResponse = Readonly<Record<string, ProbeTensor>>;
