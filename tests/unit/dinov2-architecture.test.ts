import { describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/errors.js';
import { recogniseArchitecture } from '../../src/model-tools/dinov2/architecture.js';
import type { WeightFile } from '../../src/model-tools/weights/types.js';

type Shapes = Map<string, readonly number[]>;

interface Build {
  readonly dimension: number;
  readonly depth: number;
  /** Of SwiGLU; with GELU four times the dimension. */
  readonly hidden?: number;
  readonly registers?: number;
  readonly grid?: number;
}

/** Names and shapes as Hugging Face publishes them. */
function shapesOf({ dimension: d, depth, hidden, registers = 0, grid = 37 }: Build): Shapes {
  const shapes: Shapes = new Map([
    ['embeddings.cls_token', [1, 1, d]],
    ['embeddings.mask_token', [1, d]],
    ['embeddings.position_embeddings', [1, grid * grid + 1, d]],
    ['embeddings.patch_embeddings.projection.weight', [d, 3, 14, 14]],
    ['embeddings.patch_embeddings.projection.bias', [d]],
    ['layernorm.weight', [d]],
    ['layernorm.bias', [d]],
  ]);
  if (registers > 0) shapes.set('embeddings.register_tokens', [1, registers, d]);
  const linear = (name: string, outputs: number, inputs: number): void => {
    shapes.set(`${name}.weight`, [outputs, inputs]).set(`${name}.bias`, [outputs]);
  };
  for (let index = 0; index < depth; index++) {
    const at = `encoder.layer.${index}`;
    for (const norm of ['norm1', 'norm2'])
      shapes.set(`${at}.${norm}.weight`, [d]).set(`${at}.${norm}.bias`, [d]);
    for (const part of ['attention.query', 'attention.key', 'attention.value', 'output.dense'])
      linear(`${at}.attention.${part}`, d, d);
    for (const scale of ['layer_scale1', 'layer_scale2']) shapes.set(`${at}.${scale}.lambda1`, [d]);
    if (hidden === undefined) {
      linear(`${at}.mlp.fc1`, 4 * d, d);
      linear(`${at}.mlp.fc2`, d, 4 * d);
    } else {
      linear(`${at}.mlp.weights_in`, 2 * hidden, d);
      linear(`${at}.mlp.weights_out`, d, hidden);
    }
  }
  return shapes;
}

const fileOf = (shapes: Shapes): WeightFile => ({
  path: 'weights.npz',
  tensors: new Map([...shapes].map(([name, shape]) => [name, { shape, element: 'float32' }])),
  read: () => Promise.reject(new Error('shapes alone must do')),
  close: () => Promise.resolve(),
});

describe('recognised by names and shapes', () => {
  test.each([
    ['small', { dimension: 384, depth: 12 }, 6, 'gelu', 1536],
    ['base', { dimension: 768, depth: 12 }, 12, 'gelu', 3072],
    ['large', { dimension: 1024, depth: 24 }, 16, 'gelu', 4096],
    ['giant', { dimension: 1536, depth: 40, hidden: 4096 }, 24, 'swiglu', 4096],
    ['custom', { dimension: 128, depth: 3 }, 2, 'gelu', 512],
    ['custom', { dimension: 128, depth: 3, hidden: 344 }, 2, 'swiglu', 344],
    ['custom', { dimension: 768, depth: 11 }, 12, 'gelu', 3072],
  ] as const)('%s %j', (size, build, heads, feedForward, hidden) => {
    const { dimension, depth } = build;
    const expected = { size, dimension, depth, heads, feedForward, hidden, grid: 37, patchSize: 14 };
    expect(recogniseArchitecture(fileOf(shapesOf(build)))).toEqual({ ...expected, registers: 0 });
    expect(recogniseArchitecture(fileOf(shapesOf({ ...build, registers: 4 })))).toEqual({
      ...expected,
      registers: 4,
    });
  });

  test('another grid; and tensors it does not know are left alone', () => {
    const shapes = shapesOf({ dimension: 64, depth: 1, grid: 16 });
    shapes.set('classifier.weight', [1000, 128]);
    expect(recogniseArchitecture(fileOf(shapes)).grid).toBe(16);
  });
});

describe('refused as MODEL_MISMATCH naming file and tensor', () => {
  const BUILD = { dimension: 128, depth: 3, registers: 4 } as const;
  const failureOf = (change: (shapes: Shapes) => void, build: Build = BUILD): AppError => {
    const shapes = shapesOf(build);
    change(shapes);
    try {
      recogniseArchitecture(fileOf(shapes));
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
    throw new Error('it was accepted');
  };
  const expectNamed = (error: AppError, tensor: string): void => {
    expect(error.code).toBe('MODEL_MISMATCH');
    expect(error.message).toContain(`weights.npz: ${tensor} `);
    expect(error.details).toEqual({ path: 'weights.npz', tensor });
  };

  const needed = [...shapesOf(BUILD).keys()].filter(
    (name) => !name.includes('mask_token') && !name.includes('register_tokens'),
  );
  test.each(needed)('without %s', (name) =>
    expectNamed(
      failureOf((shapes) => shapes.delete(name)),
      name,
    ),
  );

  const shaped = [...shapesOf(BUILD).entries()].filter(
    ([name]) => !/mask_token|patch_embeddings.*weight|fc2.weight/.test(name),
  );
  test.each(shaped)('with another shape of %s', (name, shape) =>
    expectNamed(
      failureOf((shapes) => shapes.set(name, [...shape, 1])),
      name,
    ),
  );

  test('a block that is not there at all', () => {
    const error = failureOf((shapes) => {
      for (const name of [...shapes.keys()]) if (name.startsWith('encoder.layer.1.')) shapes.delete(name);
    });
    expectNamed(error, 'encoder.layer.1.norm1.weight');
  });

  test.each([
    [[130, 3, 14, 14], 'a multiple of 64'],
    [[128, 3, 16, 16], '[128, 3, 14, 14]'],
    [[128, 1, 14, 14], '[128, 3, 14, 14]'],
  ])('patches of shape %j', (shape, said) => {
    const name = 'embeddings.patch_embeddings.projection.weight';
    const error = failureOf((shapes) => shapes.set(name, shape));
    expectNamed(error, name);
    expect(error.message).toContain(said);
  });

  test('positions that are no square', () => {
    const name = 'embeddings.position_embeddings';
    expectNamed(
      failureOf((shapes) => shapes.set(name, [1, 258 + 1, 128])),
      name,
    );
  });

  test('feed-forward widths that do not fit together', () =>
    expectNamed(
      failureOf((shapes) => shapes.set('encoder.layer.0.mlp.fc2.weight', [128, 500])),
      'encoder.layer.0.mlp.fc1.weight',
    ));

  test('matrices stored the other way round', () =>
    expectNamed(
      failureOf((shapes) => shapes.set('encoder.layer.2.mlp.weights_in.weight', [128, 688]), {
        dimension: 128,
        depth: 3,
        hidden: 344,
      }),
      'encoder.layer.2.mlp.weights_in.weight',
    ));

  test('a file of something else', () =>
    expectNamed(
      failureOf((shapes) => shapes.clear()),
      'embeddings.patch_embeddings.projection.weight',
    ));
});
