import { describe, expect, test } from '@jest/globals';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openWeights } from '../../src/model-tools/weights/open.js';
import { makeDinov2Weights } from '../helpers/dinov2-weights.js';
import { rejectionOf } from '../helpers/rejection.js';
import { temporaryDir } from '../helpers/temporary-dir.js';
import {
  safetensorsHeader,
  writeSafetensors,
  writeShardedSafetensors,
  type SomeTensor,
} from '../helpers/weights.js';

const TENSORS: Record<string, SomeTensor> = {
  'embeddings.cls_token': { shape: [1, 1, 3], data: Float32Array.of(1, -0.5, 0.25) },
  'layernorm.weight': { shape: [300, 240], data: Float32Array.from({ length: 72_000 }, (_, i) => i % 256) },
  scalar: { shape: [], data: Float32Array.of(2) },
  none: { shape: [0], data: new Float32Array() },
};

async function failure(path: string, tensor?: string) {
  return rejectionOf(
    (async () => {
      const weights = await openWeights(path);
      try {
        if (tensor !== undefined) await weights.read(tensor);
      } finally {
        await weights.close();
      }
    })(),
  );
}

async function readAll(path: string): Promise<Record<string, SomeTensor>> {
  const weights = await openWeights(path);
  try {
    const all: Record<string, SomeTensor> = {};
    for (const [name, { shape }] of weights.tensors) all[name] = { shape, data: await weights.read(name) };
    return all;
  } finally {
    await weights.close();
  }
}

describe('one safetensors file', () => {
  test.each(['float16', 'bfloat16', 'float32', 'float64'] as const)('%s', async (element) => {
    const path = join(await temporaryDir(), 'model.safetensors');
    await writeSafetensors(path, TENSORS, { element });
    expect(await readAll(path)).toEqual(TENSORS);
    const weights = await openWeights(path);
    expect(weights.path).toBe(path);
    expect(weights.tensors.get('scalar')).toMatchObject({ shape: [], element });
    await weights.close();
  });

  test('the ending does not matter, nor does a header whose length begins like text', async () => {
    const dir = await temporaryDir();
    // 0x7b is "{", 0x3c "<", 0x20 a blank.
    for (const length of [0x7b, 0x3c, 0x20, 0x80]) {
      const path = join(dir, `${length}.weights`);
      const header = JSON.stringify({ x: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } });
      const size = Buffer.alloc(8);
      size.writeBigUInt64LE(BigInt(0x200 + length));
      await writeFile(
        path,
        Buffer.concat([size, Buffer.from(header.padEnd(0x200 + length)), Buffer.from([0, 0, 0, 64])]),
      );
      expect(await readAll(path)).toEqual({ x: { shape: [1], data: Float32Array.of(2) } });
    }
  });

  test('tensors that are no weights are passed over, and refused by name when read', async () => {
    const path = join(await temporaryDir(), 'model.safetensors');
    const header = {
      ids: { dtype: 'I64', shape: [1], data_offsets: [0, 8] },
      x: { dtype: 'F32', shape: [1], data_offsets: [8, 12] },
    };
    await writeFile(path, Buffer.concat([safetensorsHeader(header), Buffer.alloc(12)]));
    expect(Object.keys(await readAll(path))).toEqual(['x']);
    const error = await failure(path, 'ids');
    expect(error).toMatchObject({ code: 'MODEL_MISMATCH', details: { path, tensor: 'ids' } });
    expect(error.message).toContain('I64');
    expect(await failure(path, 'constructor')).toMatchObject({ details: { path, tensor: 'constructor' } });
  });

  test('values that are not finite, with their count', async () => {
    const path = join(await temporaryDir(), 'model.safetensors');
    for (const element of ['float16', 'bfloat16', 'float32', 'float64'] as const) {
      await writeSafetensors(path, { x: { shape: [3], data: [NaN, 1, Infinity] } }, { element });
      expect(await failure(path, 'x')).toMatchObject({
        code: 'MODEL_MISMATCH',
        details: { path, tensor: 'x', notFinite: 2 },
      });
    }
  });

  test('cut off: at opening, and after', async () => {
    const path = join(await temporaryDir(), 'model.safetensors');
    await writeSafetensors(path, TENSORS);
    const weights = await openWeights(path);
    const { length } = await readFile(path);
    await truncate(path, length - 100);
    expect(await failure(path)).toMatchObject({
      code: 'MODEL_MISMATCH',
      details: { path, tensor: 'layernorm.weight' },
    });
    expect(await rejectionOf(weights.read('layernorm.weight'))).toMatchObject({
      code: 'MODEL_MISMATCH',
      details: { path, tensor: 'layernorm.weight' },
    });
    await weights.close();
    for (const size of [200, 9, 8, 5]) {
      await truncate(path, size);
      expect(await failure(path)).toMatchObject({ code: 'MODEL_MISMATCH', details: { path } });
    }
  });

  const f32 = (from: number, to: number, shape: unknown = [(to - from) / 4]) => ({
    dtype: 'F32',
    shape,
    data_offsets: [from, to],
  });
  test.each<[string, unknown, string | undefined, RegExp]>([
    ['overlap', { a: f32(0, 8), b: f32(4, 16) }, 'b', /overlaps/],
    ['a gap', { a: f32(0, 4), b: f32(8, 16) }, 'b', /begins 4 bytes after/],
    ['bytes of no tensor', { a: f32(0, 12) }, undefined, /4 bytes that belong to no tensor/],
    ['beyond the end', { a: f32(0, 8), b: f32(8, 20) }, 'b', /cut off.* 4 bytes/],
    ['size and shape', { a: f32(0, 16, [5]) }, 'a', /takes 20 bytes, but 16/],
    ['a negative side', { a: f32(0, 16, [-2, -2]) }, 'a', /impossible shape/],
    ['a shape of texts', { a: f32(0, 16, ['4']) }, 'a', /impossible shape/],
    ['a huge shape', { a: f32(0, 16, [1e9, 1e9]) }, 'a', /impossible shape/],
    ['no shape', { a: f32(0, 16, null) }, 'a', /no shape/],
    ['no dtype', { a: { shape: [4], data_offsets: [0, 16] } }, 'a', /no dtype/],
    ['offsets backwards', { a: f32(16, 0, [4]) }, 'a', /data_offsets/],
    ['negative offsets', { a: f32(-16, 0, [4]) }, 'a', /data_offsets/],
    ['three offsets', { a: { ...f32(0, 16), data_offsets: [0, 8, 16] } }, 'a', /data_offsets/],
    ['an entry of the wrong kind', { a: 7 }, 'a', /not an object/],
    ['no tensors', { __metadata__: {} }, undefined, /no tensors/],
    ['a list', [], undefined, /not a JSON object/],
  ])('a bad header: %s', async (_, header, tensor, message) => {
    const path = join(await temporaryDir(), 'model.safetensors');
    await writeFile(path, Buffer.concat([safetensorsHeader(header), Buffer.alloc(16)]));
    const error = await failure(path);
    expect(error).toMatchObject({ code: 'MODEL_MISMATCH' });
    expect(error.details).toEqual(tensor === undefined ? { path } : { path, tensor });
    expect(error.message).toMatch(message);
  });

  test('a header that is no JSON, or of an impossible length', async () => {
    const path = join(await temporaryDir(), 'model.safetensors');
    for (const [length, text] of [
      [20n, '{"a": broken........'],
      [4n, '{"\xff"'],
      [1n << 62n, '{}'],
      [100_000_001n, '{}'],
      [0n, '{}'],
    ] as const) {
      const prefix = Buffer.alloc(8);
      prefix.writeBigUInt64LE(length);
      await writeFile(path, Buffer.concat([prefix, Buffer.from(text, 'latin1')]));
      const error = await failure(path);
      expect(error).toMatchObject({ code: 'MODEL_MISMATCH', details: { path } });
      expect(error.message).toMatch(/header/);
    }
  });
});

describe('sharded safetensors', () => {
  const INDEX = 'model.safetensors.index.json';
  const tensors = makeDinov2Weights({ dimension: 64, depth: 1, grid: 2, patchSize: 2, registers: 1 });

  test('all tensors of all shards, by the index or its folder', async () => {
    const dir = await temporaryDir();
    const path = join(dir, INDEX);
    await writeShardedSafetensors(path, tensors, { shards: 3 });
    expect(await readAll(path)).toEqual(Object.fromEntries(tensors));
    expect(await readAll(dir)).toEqual(Object.fromEntries(tensors));
    const weights = await openWeights(path);
    expect(weights.path).toBe(path);
    await weights.close();
    expect(await failure(path, 'x')).toMatchObject({
      code: 'MODEL_MISMATCH',
      details: { path, tensor: 'x' },
    });
  });

  test('a shard that is missing, lacks a tensor, or is cut off', async () => {
    const dir = await temporaryDir();
    const path = join(dir, INDEX);
    const [first, second] = await writeShardedSafetensors(path, tensors);
    const shard = join(dir, second!);
    await truncate(shard, (await readFile(shard)).length - 4);
    expect(await failure(path)).toMatchObject({
      code: 'MODEL_MISMATCH',
      details: { path: shard, tensor: 'layernorm.bias' },
    });
    await writeFile(shard, await readFile(join(dir, first!)));
    const lacking = await failure(path);
    expect(lacking).toMatchObject({ code: 'MODEL_MISMATCH', details: { path: shard } });
    expect(lacking.details['tensor']).toMatch(/^encoder\./);
    await rm(shard);
    expect(await failure(path)).toMatchObject({ code: 'MODEL_MISSING', details: { path: shard } });
  });

  test.each([
    ['no JSON', '{', undefined, /not an index/],
    ['no map', '{}', undefined, /no weight_map/],
    ['a list as map', '{"weight_map": []}', undefined, /no weight_map/],
    ['an empty map', '{"weight_map": {}}', undefined, /names no tensors/],
    ['a path', '{"weight_map": {"x": "../x.safetensors"}}', 'x', /beside the index/],
    ['another path', '{"weight_map": {"x": "a\\\\x.safetensors"}}', 'x', /beside the index/],
    ['another kind of file', '{"weight_map": {"x": "pytorch_model.bin"}}', 'x', /beside the index/],
    ['a number', '{"weight_map": {"x": 1}}', 'x', /beside the index/],
  ])('a bad index: %s', async (_, text, tensor, message) => {
    const path = join(await temporaryDir(), INDEX);
    await writeFile(path, text);
    const error = await failure(path);
    expect(error.code).toBe('MODEL_MISMATCH');
    expect(error.details).toEqual(tensor === undefined ? { path } : { path, tensor });
    expect(error.message).toMatch(message);
  });
});
