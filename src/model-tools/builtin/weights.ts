import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../errors.js';
import type { SimilarityScale } from '../../services/embedding/similarity-scale.js';
import { openWeights } from '../weights/open.js';

/** A group of features that the head joins with the others. */
export interface Part {
  /** The tap of the trunk and its size, such as `oid8@256`; or `colour`, `gist`. */
  readonly name: string;
  /** Whether sign(y) sqrt(|y|) is applied first, so that a few strong channels do not dominate. */
  readonly signedRoot: boolean;
}

export interface Tensor {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Float32Array;
  readonly element: 'float16' | 'float32';
}

export interface BuiltinWeights {
  readonly parts: readonly Part[];
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Of random pairs of photos. */
  readonly similarityScale: SimilarityScale;
}

/**
 * Reads `builtin-v2.npz` and the two `.json` files in the same folder as the source of this module.
 * @throws AppError MODEL_MISSING, MODEL_MISMATCH
 */
export async function readBuiltinWeights(folder: string): Promise<BuiltinWeights> {
  const file = await openWeights(join(folder, 'builtin-v2.npz'));
  try {
    const tensors = new Map<string, Tensor>();
    for (const [name, { shape, element }] of file.tensors) {
      if (element !== 'float16' && element !== 'float32')
        throw new AppError('MODEL_MISMATCH', `${name} is ${element}, not float16 or float32.`);
      tensors.set(name, { shape, element, values: await file.read(name) });
    }
    const json = async <T>(name: string): Promise<T> =>
      JSON.parse(await readFile(join(folder, name), 'utf8')) as T;
    const parts = await json<[string, boolean][]>('builtin-v2.parts.json');
    return {
      tensors,
      parts: parts.map(([name, signedRoot]) => ({ name, signedRoot })),
      similarityScale: await json<SimilarityScale>('builtin-v2.scale.json'),
    };
  } finally {
    await file.close();
  }
}

/** @throws AppError MODEL_MISMATCH if it is missing or has another shape */
export function tensorOf(weights: BuiltinWeights, name: string, shape: readonly number[]): Tensor {
  const tensor = weights.tensors.get(name);
  if (tensor === undefined || tensor.shape.join() !== shape.join())
    throw new AppError(
      'MODEL_MISMATCH',
      `The built-in model's weights need ${name} of shape [${shape.join(', ')}].`,
    );
  return tensor;
}
