import { describe, expect, test } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openWeights } from '../../src/model-tools/weights/open.js';
import { gaussians } from '../helpers/gaussians.js';
import { rejectionOf } from '../helpers/rejection.js';
import { temporaryDir } from '../helpers/temporary-dir.js';
import { npyFile, writeNpz, writeZip, type NpzOptions, type SomeTensor } from '../helpers/weights.js';

const random = gaussians(7);
/** Multiples of 1/16, so that every type holds them exactly. */
const values = (count: number): Float32Array =>
  Float32Array.from({ length: count }, () => Math.round(16 * random()) / 16);

const TENSORS: Record<string, SomeTensor> = {
  'embeddings.cls_token': { shape: [1, 1, 8], data: values(8) },
  'encoder.layer.0.mlp.fc1.weight': { shape: [300, 240], data: values(72_000) },
  scalar: { shape: [], data: [0.5] },
  none: { shape: [0, 4], data: [] },
  vector: { shape: [5], data: values(5) },
};

async function write(tensors = TENSORS, options: NpzOptions = {}): Promise<string> {
  const path = join(await temporaryDir(), 'weights.npz');
  await writeNpz(path, tensors, options);
  return path;
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

const asFloats = (tensors: Record<string, SomeTensor>): Record<string, SomeTensor> =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [
      name,
      { shape, data: Float32Array.from(data) },
    ]),
  );

/** Opening, or reading `tensor` if opening goes well. */
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

describe('reading .npz', () => {
  for (const element of ['float16', 'float32', 'float64'] as const)
    for (const deflate of [false, true])
      test(`${element}, ${deflate ? 'deflated' : 'stored'}`, async () => {
        const path = await write(TENSORS, { element, deflate });
        expect(await readAll(path)).toEqual(asFloats(TENSORS));
        const weights = await openWeights(path);
        expect(weights.path).toBe(path);
        expect(weights.tensors.get('vector')).toMatchObject({ shape: [5], element });
        await weights.close();
      });

  test('.npy of versions 2.0 and 3.0, and zip64', async () => {
    for (const version of [2, 3] as const)
      for (const deflate of [false, true])
        expect(await readAll(await write(TENSORS, { version, deflate, zip64: true }))).toEqual(
          asFloats(TENSORS),
        );
  });

  test('tensors may be read in any order, at the same time and again', async () => {
    const weights = await openWeights(await write(TENSORS, { deflate: true }));
    const names = [...Object.keys(TENSORS), ...Object.keys(TENSORS).reverse()];
    const read = await Promise.all(names.map((name) => weights.read(name)));
    expect(read).toEqual(names.map((name) => Float32Array.from(TENSORS[name]!.data)));
    await weights.close();
  });

  test('a header longer than what is looked at first', async () => {
    const npy = npyFile({ shape: [2], data: [1, 2] }, { version: 2 });
    const added = 100_000;
    const longer = Buffer.concat([npy.subarray(0, -8 - 1), Buffer.alloc(added, ' '), npy.subarray(-8 - 1)]);
    longer.writeUInt32LE(npy.readUInt32LE(8) + added, 8);
    for (const deflate of [false, true]) {
      const path = join(await temporaryDir(), 'weights.npz');
      await writeZip(path, [['x.npy', longer]], { deflate });
      expect(await readAll(path)).toEqual({ x: { shape: [2], data: Float32Array.of(1, 2) } });
    }
  });

  test('arrays that are no weights are passed over, and refused by name when read', async () => {
    const path = join(await temporaryDir(), 'weights.npz');
    await writeZip(path, [
      ['x.npy', npyFile({ shape: [1], data: [1] })],
      ['position_ids.npy', npyFile({ shape: [1], data: [1] }, { element: 'float64', descr: '<i8' })],
      ['notes.txt', Buffer.from('no array')],
    ]);
    expect(await readAll(path)).toEqual({ x: { shape: [1], data: Float32Array.of(1) } });
    const error = await failure(path, 'position_ids');
    expect(error).toMatchObject({ code: 'MODEL_MISMATCH', details: { path, tensor: 'position_ids' } });
    expect(error.message).toContain('<i8');
  });
});

describe('what is wrong with a .npz is told by the name of the tensor', () => {
  const good: SomeTensor = { shape: [2, 2], data: [1, 2, 3, 4] };
  const name = 'layernorm.weight';

  test('not there', async () => {
    const path = await write();
    expect(await failure(path, 'layernorm.bias')).toMatchObject({
      code: 'MODEL_MISMATCH',
      details: { path, tensor: 'layernorm.bias' },
    });
  });

  test.each([
    ['Fortran order', { fortranOrder: true }, /Fortran order/],
    ['big-endian', { descr: '>f4' }, /big-endian/],
  ])('%s', async (_, options, message) => {
    const path = await write({ [name]: good }, options);
    const error = await failure(path);
    expect(error).toMatchObject({ code: 'MODEL_MISMATCH', details: { path, tensor: name } });
    expect(error.message).toMatch(message);
  });

  test.each([
    ['not a .npy file', Buffer.from('something else altogether'), /not in the \.npy format/],
    ['an unknown version', Buffer.from('\x93NUMPY\x09\x00\x10\x00{}', 'latin1'), /version 9\.0/],
    ['a header without an end', Buffer.from('\x93NUMPY\x01\x00\x10\x00{}', 'latin1'), /ends within/],
    ['no shape', Buffer.from("\x93NUMPY\x01\x00\x11\x00{'descr': '<f4', }", 'latin1'), /without descr/],
    ['fewer values than the shape says', npyFile(good).subarray(0, -4), /takes 144 bytes.*140/],
    ['more values than the shape says', Buffer.concat([npyFile(good), Buffer.alloc(4)]), /takes 144.*148/],
    [
      'a negative side',
      Buffer.from(npyFile(good).toString('latin1').replace('(2,', '(-2,'), 'latin1'),
      /shape/,
    ],
  ])('%s', async (_, content, message) => {
    for (const deflate of [false, true]) {
      const path = join(await temporaryDir(), 'weights.npz');
      await writeZip(path, [[`${name}.npy`, content]], { deflate });
      const error = await failure(path);
      expect(error).toMatchObject({ code: 'MODEL_MISMATCH', details: { path, tensor: name } });
      expect(error.message).toMatch(message);
    }
  });

  test('the same name twice', async () => {
    const path = join(await temporaryDir(), 'weights.npz');
    const file = [`${name}.npy`, npyFile(good)] as const;
    await writeZip(path, [file, file]);
    expect(await failure(path)).toMatchObject({ code: 'MODEL_MISMATCH', details: { path, tensor: name } });
  });

  test('values that are not finite, with their count', async () => {
    const data = Float32Array.of(1, NaN, 3, -Infinity);
    for (const element of ['float16', 'float32', 'float64'] as const) {
      const path = await write({ [name]: { shape: [4], data } }, { element });
      const error = await failure(path, name);
      expect(error).toMatchObject({ code: 'MODEL_MISMATCH', details: { path, tensor: name, notFinite: 2 } });
      expect(error.message).toContain('2 of 4');
    }
  });

  test.each([false, true])('a changed byte (deflated: %s)', async (deflate) => {
    const path = await write(TENSORS, { deflate });
    const bytes = await readFile(path);
    bytes[Math.floor(bytes.length / 2)]! ^= 4;
    await writeFile(path, bytes);
    const tensor = 'encoder.layer.0.mlp.fc1.weight';
    expect(await failure(path, tensor)).toMatchObject({ code: 'MODEL_MISMATCH', details: { path, tensor } });
    await (await openWeights(path)).close();
    expect(await failure(path, 'vector').catch((error: unknown) => error)).toMatchObject({
      message: 'was expected to be rejected',
    });
  });

  test.each([
    { deflate: false, zip64: false },
    { deflate: true, zip64: false },
    { deflate: false, zip64: true },
  ])('cut off at any place (%o)', async (options) => {
    const path = await write(TENSORS, options);
    const bytes = await readFile(path);
    const at = (part: number): Buffer => bytes.subarray(0, Math.floor(part * bytes.length));
    await writeFile(path, at(0.5));
    expect(await failure(path)).toMatchObject({
      code: 'MODEL_MISMATCH',
      details: { path, tensor: 'encoder.layer.0.mlp.fc1.weight' },
    });
    for (let length = 1; length < bytes.length; length += 1 + Math.floor(bytes.length / 50)) {
      await writeFile(path, bytes.subarray(0, length));
      expect(await failure(path)).toMatchObject({ code: 'MODEL_MISMATCH', details: { path } });
    }
    await writeFile(path, bytes.subarray(0, -1));
    expect(await failure(path)).toMatchObject({ code: 'MODEL_MISMATCH', details: { path } });
  });

  test('a piece missing from the middle', async () => {
    const path = await write();
    const bytes = await readFile(path);
    await writeFile(path, Buffer.concat([bytes.subarray(0, 1000), bytes.subarray(2000)]));
    const error = await failure(path);
    expect(error).toMatchObject({ code: 'MODEL_MISMATCH', details: { path } });
  });

  test('cut off after it was opened', async () => {
    const path = await write();
    const weights = await openWeights(path);
    await writeFile(path, (await readFile(path)).subarray(0, 1000));
    const tensor = 'encoder.layer.0.mlp.fc1.weight';
    expect(await rejectionOf(weights.read(tensor))).toMatchObject({
      code: 'MODEL_MISMATCH',
      details: { path, tensor },
    });
    await weights.close();
  });

  test('compressed by a method that is not known, or encrypted', async () => {
    for (const [offset, value, message] of [
      [10, 14, /method 14/],
      [8, 1, /encrypted/],
    ] as const) {
      const path = await write({ [name]: good });
      const bytes = await readFile(path);
      bytes.writeUInt16LE(value, bytes.indexOf('PK\x01\x02') + offset);
      // A stored entry that is encrypted has 12 bytes more.
      if (offset === 8) {
        const size = bytes.indexOf('PK\x01\x02') + 20;
        bytes.writeUInt32LE(bytes.readUInt32LE(size) + 12, size);
      }
      await writeFile(path, bytes);
      const error = await failure(path);
      expect(error).toMatchObject({ code: 'MODEL_MISMATCH', details: { path, tensor: name } });
      expect(error.message).toMatch(message);
    }
  });

  test('a zip that promises more than deflate can give', async () => {
    const path = join(await temporaryDir(), 'weights.npz');
    const npy = npyFile({ shape: [4], data: [1, 2, 3, 4] });
    npy.write('(4000000000,), }', npy.indexOf('(4,'));
    await writeZip(path, [[`${name}.npy`, npy]], { deflate: true });
    const bytes = await readFile(path);
    bytes.writeUInt32LE((128 + 4 * 4e9) % 2 ** 32, bytes.indexOf('PK\x01\x02') + 24);
    await writeFile(path, bytes);
    expect(await failure(path)).toMatchObject({ code: 'MODEL_MISMATCH', details: { path, tensor: name } });
  });

  test('a zip without arrays has no tensor to name', async () => {
    const path = join(await temporaryDir(), 'weights.npz');
    for (const files of [[], [['readme.txt', Buffer.from('hello')] as const]]) {
      await writeZip(path, files);
      const error = await failure(path);
      expect(error).toMatchObject({ code: 'MODEL_MISMATCH', details: { path } });
      expect(error.message).toMatch(/without \.npy files/);
    }
  });
});
