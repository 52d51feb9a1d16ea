import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError, messageOf } from '../../errors.js';
import { mismatch } from './mismatch.js';
import { isObject, openSafetensors } from './safetensors.js';
import { noSuchTensor, type OpenWeights } from './stored-weights.js';
import type { WeightInfo } from './types.js';

/**
 * Opens the several safetensors files that an index (`model.safetensors.index.json`) names: its `weight_map` says for
 * every tensor which file beside the index holds it.
 *
 * @throws AppError MODEL_MISSING when a shard is not there, MODEL_MISMATCH
 */
export async function openShardedSafetensors(path: string): Promise<OpenWeights> {
  const map = await readWeightMap(path);
  const shards = new Map<string, OpenWeights>();
  const close = async (): Promise<void> => {
    await Promise.all([...shards.values()].map((shard) => shard.close()));
  };
  try {
    for (const name of new Set(map.values()))
      shards.set(name, await openSafetensors(join(dirname(path), name)));
    const tensors = new Map<string, WeightInfo>();
    const unsupported = new Map<string, string>();
    for (const [tensor, name] of map) {
      const shard = shards.get(name)!;
      const info = shard.tensors.get(tensor);
      const type = shard.unsupported.get(tensor);
      if (info !== undefined) tensors.set(tensor, info);
      else if (type !== undefined) unsupported.set(tensor, type);
      else throw mismatch(shard.path, 'is not there, though the index says so', { tensor });
    }
    const read = async (tensor: string): Promise<Float32Array> => {
      const name = map.get(tensor);
      if (name === undefined) throw noSuchTensor({ path, unsupported }, tensor);
      return shards.get(name)!.read(tensor);
    };
    return { path, tensors, unsupported, read, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Tensor name to file name. */
async function readWeightMap(path: string): Promise<Map<string, string>> {
  let root: unknown;
  try {
    root = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new AppError('MODEL_MISSING', `${path} is not there.`, { details: { path }, cause });
    throw mismatch(path, `is not an index of safetensors files: ${messageOf(cause)}`, { cause });
  }
  const listed = isObject(root) ? root['weight_map'] : undefined;
  if (!isObject(listed)) throw mismatch(path, 'is not an index of safetensors files: it has no weight_map');
  const map = new Map<string, string>();
  for (const [tensor, file] of Object.entries(listed)) {
    if (typeof file !== 'string' || /[/\\]/.test(file) || !file.endsWith('.safetensors'))
      throw mismatch(path, 'is not mapped to a .safetensors file beside the index', { tensor });
    map.set(tensor, file);
  }
  if (map.size === 0) throw mismatch(path, 'names no tensors');
  return map;
}
