import { describe, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { planLayer, spread } from '../../src/model-tools/dinov2/calibrate.js';
import { emitInt8Product, int8Linear, quantiseRows } from '../../src/model-tools/dinov2/int8-linear.js';
import { ModelWriter } from '../../src/model-tools/dinov2/model-writer.js';
import { columnMaxima, smoothingDivisors, smoothWeights } from '../../src/model-tools/dinov2/smooth-quant.js';
import type { Architecture } from '../../src/model-tools/dinov2/architecture.js';
import { exactInt8, sessionOptions } from '../../src/workers/session-options.js';
import { gaussians } from '../helpers/gaussians.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

describe('quantiseRows', () => {
  test('is off by half a step of the row at most, and exact at its largest value', () => {
    const next = gaussians(1);
    const weight = Float32Array.from({ length: 5 * 64 }, (_, i) => next() * 10 ** (Math.floor(i / 64) - 2));
    const { values, scales } = quantiseRows(weight, 5, 64);
    for (let row = 0; row < 5; row++) {
      const [scale = 0] = scales.subarray(row);
      const of = weight.subarray(64 * row, 64 * (row + 1));
      const largest = Math.max(...of.map(Math.abs));
      expect(scale).toBeCloseTo(largest / 127, 5);
      of.forEach((value, i) => {
        const quantised = values[64 * row + i]!;
        expect(Math.abs(quantised * scale - value)).toBeLessThanOrEqual(0.5001 * scale);
        expect(Math.abs(quantised)).toBeLessThanOrEqual(127);
        if (Math.abs(value) === largest) expect(Math.abs(quantised)).toBe(127);
      });
    }
  });

  test('takes zeros, numbers near the smallest and near the largest', () => {
    const { values, scales } = quantiseRows(Float32Array.of(0, 0, 1e-45, -1e-45, 3e38, -3e38), 3, 2);
    expect([...values.subarray(0, 2)]).toEqual([0, 0]);
    expect([...values.subarray(4)]).toEqual([127, -127]);
    expect(scales.every((scale) => scale > 0 && Number.isFinite(scale))).toBe(true);
  });
});

describe('int8Linear', () => {
  const emit = async (name: string, float: readonly string[] = []) => {
    const folder = await temporaryDir();
    const writer = await ModelWriter.create(folder, { name: 'test' });
    const x = writer.graph.input('x', 'float32', ['tokens', 2]);
    const layer = { name, inputs: 2, outputs: 1, weight: Float32Array.of(1, -2), bias: Float32Array.of(3) };
    const y = await int8Linear({ float: new Set(float) }).emit(writer, x, layer);
    writer.graph.output(y, 'float32', ['tokens', 1]);
    const { node } = writer.graph.build().graph;
    await writer.close();
    return { y, operators: node.map(({ opType }) => opType) };
  };

  test('names its result like the layer', async () => {
    const { y, operators } = await emit('layer.0.mlp.fc1');
    expect(y).toBe('layer.0.mlp.fc1');
    expect(operators).toEqual(['DynamicQuantizeLinear', 'MatMulInteger', 'Cast', 'Mul', 'Mul', 'Add']);
  });

  test('leaves the patch embedding, and layers named, in float32', async () => {
    expect((await emit('patch_embedding')).operators).toEqual(['MatMul', 'Add']);
    expect((await emit('layer.0.mlp.fc2', ['layer.0.mlp.fc2'])).operators).toEqual(['MatMul', 'Add']);
  });

  test('refuses a weight that is not of its size', async () => {
    const writer = await ModelWriter.create(await temporaryDir(), { name: 'test' });
    const x = writer.graph.input('x', 'float32', [1, 2]);
    const layer = { name: 'a', inputs: 2, outputs: 2, weight: new Float32Array(3), bias: null };
    await expect(emitInt8Product(writer, x, layer, {})).rejects.toThrow('Expected 2 x 2 numbers');
    await writer.close();
  });
});

describe('SmoothQuant', () => {
  test('divides by max|X|^alpha / max|W|^(1 - alpha)', () => {
    const [a, b] = smoothingDivisors(Float32Array.of(16, 1), Float32Array.of(0.25, 4), 0.5);
    expect([a, b]).toEqual([8, 0.5]);
    expect(smoothingDivisors(Float32Array.of(16), Float32Array.of(0.25), 1)[0]).toBe(16);
    expect(smoothingDivisors(Float32Array.of(16), Float32Array.of(0.25), 0)[0]).toBe(4);
  });

  test('leaves channels alone that are always zero or read by nothing', () => {
    expect([...smoothingDivisors(Float32Array.of(0, 5), Float32Array.of(5, 0), 0.5)]).toEqual([1, 1]);
  });

  test('knows the largest weight of each column', () => {
    expect([...columnMaxima(Float32Array.of(1, -2, 3, -4, 0, 1), 3)]).toEqual([4, 2, 3]);
  });

  test('refuses divisors for a layer that nothing linear feeds', () => {
    const architecture = { dimension: 64, depth: 1, feedForward: 'gelu', hidden: 256 } as Architecture;
    const file = {
      path: '',
      tensors: new Map(),
      read: () => Promise.reject(new Error()),
      close: async () => {},
    };
    const divisors = new Map([['layer.0.mlp.fc2', new Float32Array(256).fill(1)]]);
    expect(() => smoothWeights(file, architecture, divisors)).toThrow('a layer that can be folded');
    expect(() =>
      smoothWeights(file, architecture, new Map([['layer.0.mlp.fc1', new Float32Array(3)]])),
    ).toThrow('Expected 64 numbers');
  });
});

describe('the plan of a layer', () => {
  test.each([
    ['good as it is', [0.019, 0.011, 0.01, 0.009], true, { type: 'int8', alpha: null, division: 'none' }],
    ['outliers', [0.1, 0.014, 0.012, 0.02], true, { type: 'int8', alpha: 0.65, division: 'folded' }],
    ['the lowest that is nearly best', [0.1, 0.0131, 0.0125, 0.012], true, { alpha: 0.5, error: 0.0131 }],
    ['hardly better', [0.04, 0.037, 0.035, 0.036], true, { type: 'int8', division: 'none', error: 0.04 }],
    ['hardly better, but saved', [0.055, 0.055, 0.049, 0.051], true, { type: 'int8', alpha: 0.65 }],
    ['lost', [0.3, 0.2, 0.15, 0.08], true, { type: 'float32', alpha: null, division: 'none', error: 0 }],
    ['not foldable and good enough', [0.04, 0.01, 0.01, 0.01], false, { type: 'int8', division: 'none' }],
    ['not foldable and not', [0.08, 0.02, 0.02, 0.02], false, { type: 'int8', division: 'at run time' }],
    ['not foldable and lost', [0.2, 0.1, 0.1, 0.1], false, { type: 'float32' }],
  ])('%s', (_, errors, foldable, expected) => {
    expect(planLayer('one', errors, foldable)).toMatchObject({ ...expected, plainError: errors[0] });
  });

  test('pictures are taken from all over the folder', () => {
    expect(spread([1, 2, 3], 3)).toEqual([1, 2, 3]);
    expect(spread([...Array(100).keys()], 4)).toEqual([12, 37, 62, 87]);
  });
});

describe('int8 on x86', () => {
  const cpuInfo = async (flags: string): Promise<string> => {
    const path = join(await temporaryDir(), 'cpuinfo');
    await writeFile(
      path,
      `processor\t: 0\nmodel name\t: vnni\nflags\t\t: fpu ${flags} avx2\nbugs\t\t: none\n`,
    );
    return path;
  };

  test('is asked to be exact where there is no VNNI', async () => {
    expect(exactInt8('x64', await cpuInfo('avx512_vnni'))).toBe('0');
    expect(exactInt8('x64', await cpuInfo('avx_vnni'))).toBe('0');
    expect(exactInt8('x64', await cpuInfo('avx512f'))).toBe('1');
    expect(exactInt8('x64', '/nowhere')).toBe('1');
    expect(exactInt8('arm64', '/nowhere')).toBe('0');
  });

  test('sessions are opened so', () => {
    expect(sessionOptions({ threads: 3 })).toMatchObject({
      executionProviders: ['cpu'],
      intraOpNumThreads: 3,
      extra: { session: { x64quantprecision: exactInt8() } },
    });
    expect(sessionOptions({ threads: 1, provider: 'cuda' }).executionProviders).toEqual(['cuda', 'cpu']);
  });
});
