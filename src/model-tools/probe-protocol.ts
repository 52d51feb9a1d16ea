import type { ModelFile } from '../services/embedding/model-file.js';

/** The protocol between a probe and its worker process, over a WorkerPool. */

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
  /** If set, the job's body is a float32 tensor of these sizes; otherwise an encoded picture. */
  readonly dims?: readonly number[];
}

export interface ProbeTensor {
  readonly dims: readonly number[];
  /** Row-major. */
  readonly data: Float32Array;
}

/** By name of the output. */
export type ProbeResponse = Readonly<Record<string, ProbeTensor>>;
