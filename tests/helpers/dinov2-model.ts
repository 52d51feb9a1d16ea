import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { recogniseArchitecture } from '../../src/model-tools/dinov2/architecture.js';
import { float32Linear } from '../../src/model-tools/dinov2/linear.js';
import { ModelWriter } from '../../src/model-tools/dinov2/model-writer.js';
import { OPSETS, writeDinov2, type GraphOptions } from '../../src/model-tools/dinov2/write-graph.js';
import { openWeights } from '../../src/model-tools/weights/open.js';
import type { WeightFile } from '../../src/model-tools/weights/types.js';

/** Writes model.onnx and its data into a folder; no model.json. */
export async function writeGraph(
  folder: string,
  weightsPath: string,
  options: Partial<GraphOptions> = {},
): Promise<void> {
  const weights = await openWeights(weightsPath);
  try {
    await writeGraphOf(folder, weights, options);
  } finally {
    await weights.close();
  }
}

/** The same of weights that are open. */
export async function writeGraphOf(
  folder: string,
  weights: WeightFile,
  options: Partial<GraphOptions> = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const writer = await ModelWriter.create(folder, { name: 'test', opsets: OPSETS });
  try {
    await writeDinov2(writer, weights, recogniseArchitecture(weights), {
      size: 'dynamic',
      linear: float32Linear,
      attention: 'fused',
      ...options,
    });
    await writer.finish();
  } finally {
    await writer.close();
  }
}

/** The outputs of a DINOv2 graph. */
export interface Features {
  readonly embedding: Float32Array;
  readonly lastHiddenState: Float32Array;
  /** Of `lastHiddenState`. */
  readonly dims: readonly number[];
}

export type Pixels = Pick<ort.Tensor, 'dims'> & { readonly data: Float32Array };

/** Runs `<folder>/model.onnx` on normalised pixels [batch, 3, height, width], once for each. */
export async function runModel(folder: string, ...inputs: readonly Pixels[]): Promise<Features[]> {
  const session = await ort.InferenceSession.create(join(folder, 'model.onnx'), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  try {
    const features: Features[] = [];
    for (const { data, dims } of inputs) {
      const result = await session.run({ pixel_values: new ort.Tensor('float32', data, dims) });
      const [embedding, tokens] = [result['embedding']!, result['last_hidden_state']!];
      features.push({
        embedding: Float32Array.from(embedding.data as Float32Array),
        lastHiddenState: Float32Array.from(tokens.data as Float32Array),
        dims: tokens.dims,
      });
    }
    return features;
  } finally {
    await session.release();
  }
}

/** A float32 array of any shape, as NumPy saves it in version 1.0. */
export async function readPixels(path: string): Promise<Pixels> {
  const file = await readFile(path);
  const start = 10 + file.readUInt16LE(8);
  const [, shape = ''] =
    /'descr': '<f4', 'fortran_order': False, 'shape': \(([\d, ]+)\)/.exec(
      file.toString('latin1', 10, start),
    ) ?? [];
  const dims = shape.split(',').map(Number);
  return { dims, data: new Float32Array(Uint8Array.from(file.subarray(start)).buffer) };
}

export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Infinity;
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

/** The smallest cosine between rows of this length. */
export function smallestCosine(a: Float32Array, b: Float32Array, length: number): number {
  if (a.length !== b.length) return -Infinity;
  let smallest = Infinity;
  for (let at = 0; at < a.length; at += length) {
    let [dot, left, right] = [0, 0, 0];
    for (let i = at; i < at + length; i++) {
      dot += a[i]! * b[i]!;
      left += a[i]! ** 2;
      right += b[i]! ** 2;
    }
    smallest = Math.min(smallest, dot / Math.sqrt(left * right));
  }
  return smallest;
}
