import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openWeights } from '../../src/model-tools/weights/open.js';
import { rejectionOf } from '../helpers/rejection.js';
import { temporaryDir } from '../helpers/temporary-dir.js';
import { npyFile, writeNpz, writeSafetensors, writeZip } from '../helpers/weights.js';

const X = { x: { shape: [2], data: Float32Array.of(1, 2) } };

describe('which kind of file it is', () => {
  test('is told by the content', async () => {
    const dir = await temporaryDir();
    const swapped = [join(dir, 'a.safetensors'), join(dir, 'b.npz'), join(dir, 'c')] as const;
    await writeNpz(swapped[0], X);
    await writeSafetensors(swapped[1], X);
    await writeSafetensors(swapped[2], X);
    for (const path of swapped) {
      const weights = await openWeights(path);
      expect(await weights.read('x')).toEqual(X.x.data);
      await weights.close();
    }
  });

  test.each<[string, string, RegExp]>([
    ['model.safetensors', '', /is empty/],
    [
      'model.safetensors',
      'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 346\n',
      /Git LFS pointer/,
    ],
    ['model.safetensors', '<!DOCTYPE html><html><body>Sign in</body></html>', /web page/],
    ['weights.npz', '\n  <html lang="en"><head>', /web page/],
    ['model.safetensors', '{"error":"Repository not found"}', /JSON text/],
    ['model.safetensors', 'Entry not found', /safetensors/],
    ['weights.npz', 'Entry not found', /not a zip file/],
    ['weights.npz', '\x93NUMPY\x01\x00', /single array/],
    ['weights.h5', '\x89HDF\r\n\x1a\n', /HDF5/],
    ['model.onnx', '\x08\x08\x12\x07pytorch', /ONNX model/],
    ['weights.dat', 'anything', /neither/],
    ['pytorch_model.bin', '\x80\x02\x8a\x0al\xfc', /PyTorch checkpoint.*safetensors/],
    ['model.safetensors', '\x80\x02\x8a\x0al\xfc', /PyTorch checkpoint/],
    ['dinov2.pth', 'something old', /PyTorch checkpoint/],
  ])('%s: %j', async (name, content, message) => {
    const path = join(await temporaryDir(), name);
    await writeFile(path, content, 'latin1');
    const error = await rejectionOf(openWeights(path));
    expect(error).toMatchObject({ code: 'MODEL_MISMATCH', details: { path } });
    expect(error.message).toMatch(message);
  });

  test('a PyTorch checkpoint in its zip form', async () => {
    const path = join(await temporaryDir(), 'pytorch_model.bin');
    await writeZip(path, [
      ['archive/data.pkl', Buffer.from('\x80\x02}q\x00.', 'latin1')],
      ['archive/data/0', Buffer.alloc(16)],
    ]);
    const error = await rejectionOf(openWeights(path));
    expect(error).toMatchObject({ code: 'MODEL_MISMATCH', details: { path } });
    expect(error.message).toMatch(/PyTorch checkpoint.*safetensors/);
  });

  test('a file that is not there', async () => {
    const dir = await temporaryDir();
    for (const path of [join(dir, 'weights.npz'), join(dir, 'no', 'model.safetensors')])
      expect(await rejectionOf(openWeights(path))).toMatchObject({
        code: 'MODEL_MISSING',
        details: { path },
      });
  });
});

describe('a folder', () => {
  test('stands for the safetensors file in it', async () => {
    const dir = await temporaryDir();
    await writeSafetensors(join(dir, 'model.safetensors'), X);
    await writeFile(join(dir, 'config.json'), '{}');
    const weights = await openWeights(dir);
    expect(weights.path).toBe(join(dir, 'model.safetensors'));
    expect(await weights.read('x')).toEqual(X.x.data);
    await weights.close();
  });

  test('without one', async () => {
    const dir = await temporaryDir();
    const empty = await rejectionOf(openWeights(dir));
    expect(empty).toMatchObject({ code: 'MODEL_MISSING', details: { path: dir } });
    expect(empty.message).toContain('model.safetensors.index.json');
    await writeFile(join(dir, 'pytorch_model.bin'), 'x');
    expect((await rejectionOf(openWeights(dir))).message).toMatch(/PyTorch checkpoint/);
    await mkdir(join(dir, 'x.npz'));
    expect(await rejectionOf(openWeights(join(dir, 'x.npz')))).toMatchObject({ code: 'MODEL_MISSING' });
  });
});

test('an array of .npy files is written as NumPy writes it', () => {
  const npy = npyFile({ shape: [2, 3], data: [1, 2, 3, 4, 5, 6] });
  expect(npy.toString('latin1', 0, 10)).toBe('\x93NUMPY\x01\x00\x76\x00');
  expect(npy.toString('latin1', 10, 128)).toBe(
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117) + '\n',
  );
});

const reference = join('..', 'shared', 'reference');
const twins = ['npz', 'safetensors'].map((ending) => join(reference, `dinov2_tiny.${ending}`));

// Only where they are: a clone has nothing beside it.
if (twins.every((path) => existsSync(path))) {
  describe('files that NumPy and PyTorch wrote', () => {
    test('hold the same tensors in both forms', async () => {
      const [a, b] = await Promise.all(twins.map((path) => openWeights(path)));
      expect([...a!.tensors.keys()].sort()).toEqual([...b!.tensors.keys()].sort());
      expect(a!.tensors.size).toBe(61);
      for (const [name, { shape }] of a!.tensors) {
        expect(b!.tensors.get(name)!.shape).toEqual(shape);
        const [left, right] = await Promise.all([a!.read(name), b!.read(name)]);
        expect(Buffer.from(left.buffer).equals(Buffer.from(right.buffer))).toBe(true);
      }
      await Promise.all([a!.close(), b!.close()]);
    });
  });
}
