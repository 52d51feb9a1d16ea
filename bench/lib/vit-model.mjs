/**
 * A model with the shape of DINOv2-base (12 blocks, 768 wide, 12 heads, 257 tokens) and random weights: it costs the same
 * as the real one, but is untrained. Attention is written with basic operators; LayerScale (a multiplication) is omitted.
 */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GraphBuilder, float, int, ints } from '../../dist/model-tools/onnx/graph-builder.js';
import { encodeModel } from '../../dist/model-tools/onnx/onnx-proto.js';

const DIM = 768;
const HEADS = 12;
const GRID = 16;
const TOKENS = GRID * GRID + 1;

/** Uniform pseudo-random weights with the spread of a trained layer; speed does not depend on them. */
function weights(count, scale, seed) {
  const out = new Float32Array(count);
  let state = seed >>> 0 || 1;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    out[i] = (state / 2147483648 - 1) * scale;
  }
  return out;
}

/** @param blocks fewer give vectors of the same length with less work */
export async function writeBaseShapedModel(modelsDir, id = 'dinov2-base', blocks = 12) {
  const g = new GraphBuilder({ name: id });
  let seed = 1;
  const matrix = (name, rows, cols) => g.float32(name, [rows, cols], weights(rows * cols, 0.04, seed++));
  const vector = (name, size, value) => g.float32(name, [size], new Float32Array(size).fill(value));
  const linear = (x, name, rows, cols) =>
    g.node('Add', [g.node('MatMul', [x, matrix(`${name}.w`, rows, cols)]), vector(`${name}.b`, cols, 0)]);
  const norm = (x, name) =>
    g.node('LayerNormalization', [x, vector(`${name}.g`, DIM, 1), vector(`${name}.b`, DIM, 0)], {
      attributes: { axis: int(-1), epsilon: float(1e-6) },
    });
  const heads = g.int64('heads', [4], [1, TOKENS, HEADS, DIM / HEADS]);
  const flat = g.int64('flat', [3], [1, TOKENS, DIM]);
  const split = (x, perm) =>
    g.node('Transpose', [g.node('Reshape', [x, heads])], { attributes: { perm: ints(...perm) } });
  const half = g.float32('half', [], [0.5]);
  const one = g.float32('one', [], [1]);
  const root = g.float32('root', [], [Math.SQRT1_2]);
  const scale = g.float32('scale', [], [1 / Math.sqrt(DIM / HEADS)]);

  const pixels = g.input('pixel_values', 'float32', [1, 3, 224, 224]);
  const kernel = g.float32('patch.w', [DIM, 3, 14, 14], weights(DIM * 3 * 14 * 14, 0.04, seed++));
  const conv = g.node('Conv', [pixels, kernel, vector('patch.b', DIM, 0)], {
    attributes: { kernel_shape: ints(14, 14), strides: ints(14, 14) },
  });
  const patches = g.node(
    'Transpose',
    [g.node('Reshape', [conv, g.int64('grid', [3], [1, DIM, GRID * GRID])])],
    {
      attributes: { perm: ints(0, 2, 1) },
    },
  );
  const cls = g.float32('cls', [1, 1, DIM], weights(DIM, 0.04, seed++));
  const positions = g.float32('positions', [1, TOKENS, DIM], weights(TOKENS * DIM, 0.04, seed++));
  let x = g.node('Add', [g.node('Concat', [cls, patches], { attributes: { axis: int(1) } }), positions]);
  for (let block = 0; block < blocks; block++) {
    const name = `block${block}`;
    const n = norm(x, `${name}.n1`);
    const q = split(linear(n, `${name}.q`, DIM, DIM), [0, 2, 1, 3]);
    const k = split(linear(n, `${name}.k`, DIM, DIM), [0, 2, 3, 1]);
    const v = split(linear(n, `${name}.v`, DIM, DIM), [0, 2, 1, 3]);
    const attention = g.node('Softmax', [g.node('Mul', [g.node('MatMul', [q, k]), scale])], {
      attributes: { axis: int(-1) },
    });
    const mixed = g.node('Reshape', [
      g.node('Transpose', [g.node('MatMul', [attention, v])], { attributes: { perm: ints(0, 2, 1, 3) } }),
      flat,
    ]);
    x = g.node('Add', [x, linear(mixed, `${name}.o`, DIM, DIM)]);
    const hidden = linear(norm(x, `${name}.n2`), `${name}.fc1`, DIM, 4 * DIM);
    const erf = g.node('Add', [g.node('Erf', [g.node('Mul', [hidden, root])]), one]);
    const gelu = g.node('Mul', [g.node('Mul', [hidden, half]), erf]);
    x = g.node('Add', [x, linear(gelu, `${name}.fc2`, 4 * DIM, DIM)]);
  }
  const out = g.node('LayerNormalization', [x, vector('norm.g', DIM, 1), vector('norm.b', DIM, 0)], {
    attributes: { axis: int(-1), epsilon: float(1e-6) },
    output: 'last_hidden_state',
  });
  g.output(out, 'float32', [1, TOKENS, DIM]);

  const bytes = encodeModel(g.build());
  const dir = join(modelsDir, id);
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'model.onnx'), bytes);
  const description = {
    formatVersion: 1,
    id,
    name: 'Base-shaped, random weights',
    description: 'For measuring time only: random weights.',
    file: 'model.onnx',
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
    input: { name: 'pixel_values', layout: 'nchw', type: 'float32' },
    preprocess: { mode: 'center-crop', resize: 256, crop: 224 },
    normalize: { scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    output: { name: 'last_hidden_state', kind: 'last_hidden_state' },
    dimension: DIM,
    precision: 'fp32',
  };
  await writeFile(join(dir, 'model.json'), JSON.stringify(description, null, 2));
}
