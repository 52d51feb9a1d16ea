import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_DIR } from '../../src/project.js';
import { int8Linear } from '../../src/model-tools/dinov2/int8-linear.js';
import { float16Linear, float32Linear } from '../../src/model-tools/dinov2/linear.js';
import { openWeights } from '../../src/model-tools/weights/open.js';
import {
  largestDifference,
  readPixels,
  runModel,
  smallestCosine,
  writeGraph,
  type Features,
} from '../helpers/dinov2-model.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

/** Small models of the real architecture, and what the official implementation in PyTorch gave for some inputs. */
const REFERENCE = join(PROJECT_DIR, '..', 'shared', 'reference');

const MODELS = [
  ['dinov2_tiny.npz', 1],
  ['dinov2_tiny.safetensors', 1],
  ['dinov2_tiny_reg.npz', 5],
  ['dinov2_tiny_swiglu.safetensors', 1],
] as const;

const SIZES = [
  { height: 224, width: 224 },
  { height: 224, width: 308 },
];

interface Comparison {
  readonly difference: number;
  readonly cosine: number;
}

async function compare(
  file: string,
  { height, width }: { readonly height: number; readonly width: number },
  { embedding, lastHiddenState, dims }: Features,
  prefix: number,
): Promise<Comparison> {
  const path = join(REFERENCE, `${file.split('.')[0]}.${height}x${width}.expected.npz`);
  const expected = await openWeights(path);
  try {
    const [batch = 0, tokens = 0, dimension = 0] = dims;
    expect(tokens).toBe(prefix + (height * width) / 196);
    expect(expected.tensors.get('patch_tokens')?.shape).toEqual([batch, tokens - prefix, dimension]);
    const patches = new Float32Array(batch * (tokens - prefix) * dimension);
    for (let i = 0; i < batch; i++) {
      const rows = lastHiddenState.subarray((i * tokens + prefix) * dimension, (i + 1) * tokens * dimension);
      patches.set(rows, i * rows.length);
    }
    const [wanted, wantedPatches] = [await expected.read('embedding'), await expected.read('patch_tokens')];
    return {
      difference: Math.max(largestDifference(wanted, embedding), largestDifference(wantedPatches, patches)),
      cosine: smallestCosine(wanted, embedding, dimension),
    };
  } finally {
    await expected.close();
  }
}

if (!existsSync(REFERENCE)) {
  // A file without a test is an error of Jest's.
  test('the reference is not here: nothing is compared', () => {
    expect(existsSync(REFERENCE)).toBe(false);
  });
} else {
  describe.each(MODELS)('%s', (file, prefix) => {
    const weights = join(REFERENCE, file);
    const inputs = (): Promise<Awaited<ReturnType<typeof readPixels>>[]> =>
      Promise.all(
        SIZES.map(({ height, width }) => readPixels(join(REFERENCE, `input_${height}x${width}.npy`))),
      );

    describe.each([
      ['fp32', float32Linear],
      ['fp16', float16Linear],
      ['int8', int8Linear()],
    ] as const)('in %s', (precision, linear) => {
      const expectGood = ({ difference, cosine }: Comparison): void => {
        if (precision === 'fp32') expect(difference).toBeLessThan(1e-4);
        expect(cosine).toBeGreaterThan({ fp32: 0.999999, fp16: 0.9999, int8: 0.995 }[precision]);
      };

      test('one graph for both sizes', async () => {
        const folder = await temporaryDir();
        await writeGraph(folder, weights, { linear });
        const results = await runModel(folder, ...(await inputs()));
        for (const [i, size] of SIZES.entries()) expectGood(await compare(file, size, results[i]!, prefix));
      });

      test.each(SIZES.map((size, i) => [size, i] as const))('a graph for %j', async (size, i) => {
        const folder = await temporaryDir();
        await writeGraph(folder, weights, { linear, size });
        const [result] = await runModel(folder, (await inputs())[i]!);
        expectGood(await compare(file, size, result!, prefix));
      });
    });

    test.each(['plain', 'packed'] as const)('with %s attention', async (attention) => {
      const folder = await temporaryDir();
      await writeGraph(folder, weights, { attention });
      const results = await runModel(folder, ...(await inputs()));
      for (const [i, size] of SIZES.entries())
        expect((await compare(file, size, results[i]!, prefix)).difference).toBeLessThan(1e-4);
    });
  });
}
