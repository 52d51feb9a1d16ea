/**
 * Random weights of DINOv2 in the real shapes, with the key names of Hugging Face, as one safetensors file (float32): they
 * cost the same as real ones, but are untrained. Written tensor by tensor.
 *
 *   node bench/lib/dinov2-weights.mjs base /tmp/base/model.safetensors [--registers 4] [--outliers 6] [--seed 1]
 */
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

export const SIZES = {
  small: { dimension: 384, depth: 12, swiglu: false },
  base: { dimension: 768, depth: 12, swiglu: false },
  large: { dimension: 1024, depth: 24, swiglu: false },
  giant: { dimension: 1536, depth: 40, swiglu: true },
};

const PATCH = 14;

/**
 * Every tensor in order: `mean + deviation * z`, z nearly normal. The spread of matrices is 1.5 / sqrt(inputs).
 * `planted` channels of the LayerNorms before dense layers are multiplied by `outlierGain`, and the columns that read them
 * divided by its root: the activations then have outliers like trained models, while the outputs keep their size.
 */
function plan({ dimension, depth, swiglu, grid, registers, outliers, outlierGain }) {
  const tensors = [];
  const planted = Array.from({ length: outliers }, (_, k) => Math.floor(((k + 0.5) * dimension) / outliers));
  const add = (name, shape, deviation, more = {}) =>
    tensors.push({ name, shape, deviation, mean: 0, columns: [], factor: 1, ...more });
  const linear = (name, outputs, inputs, after = {}) => {
    add(`${name}.weight`, [outputs, inputs], 1.5 / Math.sqrt(inputs), after);
    add(`${name}.bias`, [outputs], 0.1);
  };
  const norm = (name, after = {}) => {
    add(`${name}.weight`, [dimension], 0.2, { mean: 1, ...after });
    add(`${name}.bias`, [dimension], 0.1);
  };
  const raised = { columns: planted, factor: outlierGain };
  const lowered = { columns: planted, factor: 1 / Math.sqrt(outlierGain) };

  add('embeddings.cls_token', [1, 1, dimension], 0.5);
  add('embeddings.position_embeddings', [1, grid * grid + 1, dimension], 0.4);
  add('embeddings.mask_token', [1, dimension], 0.5);
  if (registers > 0) add('embeddings.register_tokens', [1, registers, dimension], 0.5);
  const projection = 'embeddings.patch_embeddings.projection';
  add(`${projection}.weight`, [dimension, 3, PATCH, PATCH], 1.5 / Math.sqrt(3 * PATCH * PATCH));
  add(`${projection}.bias`, [dimension], 0.1);
  for (let block = 0; block < depth; block++) {
    const at = `encoder.layer.${block}`;
    norm(`${at}.norm1`, raised);
    norm(`${at}.norm2`, raised);
    for (const part of ['query', 'key', 'value'])
      linear(`${at}.attention.attention.${part}`, dimension, dimension, lowered);
    linear(`${at}.attention.output.dense`, dimension, dimension);
    // About 0.1 to 0.9.
    for (const scale of [1, 2]) add(`${at}.layer_scale${scale}.lambda1`, [dimension], 0.115, { mean: 0.5 });
    if (swiglu) {
      const hidden = Math.ceil(Math.floor((4 * dimension * 2) / 3) / 8) * 8;
      linear(`${at}.mlp.weights_in`, 2 * hidden, dimension, lowered);
      linear(`${at}.mlp.weights_out`, dimension, hidden);
    } else {
      linear(`${at}.mlp.fc1`, 4 * dimension, dimension, lowered);
      linear(`${at}.mlp.fc2`, dimension, 4 * dimension);
    }
  }
  norm('layernorm');
  return tensors;
}

/**
 * Sums of four uniform numbers, 16 bits of xorshift128 each: close enough to normal, and never beyond 3.5 deviations.
 */
function filler(seed) {
  let [a, b, c, d] = [seed >>> 0 || 1, 0x9e3779b9, 0x243f6a88, 0xb7e15162];
  const draw = () => {
    const t = a ^ (a << 11);
    [a, b, c] = [b, c, d];
    d = d ^ (d >>> 19) ^ t ^ (t >>> 8);
    return d;
  };
  for (let i = 0; i < 20; i++) draw();
  return (values, mean, deviation) => {
    // A sum of four has the variance 4 * 65536^2 / 12.
    const scale = deviation / (65536 / Math.sqrt(3));
    for (let i = 0; i < values.length; i++) {
      const x = draw();
      const y = draw();
      values[i] = mean + scale * ((x & 65535) + (x >>> 16) + (y & 65535) + (y >>> 16) - 131070);
    }
  };
}

/**
 * @param {string} path of the safetensors file to write; its folder is created
 * @param {{ size?: keyof typeof SIZES, dimension?: number, depth?: number, swiglu?: boolean, grid?: number,
 *   registers?: number, outliers?: number, outlierGain?: number, seed?: number }} [options]
 * @returns {Promise<{ parameters: number, bytes: number }>}
 */
export async function writeDinov2Weights(path, { size = 'base', seed = 1, ...options } = {}) {
  const tensors = plan({
    ...SIZES[size],
    grid: 37,
    registers: 0,
    outliers: 0,
    outlierGain: 20,
    ...options,
  });
  const header = { __metadata__: { format: 'pt' } };
  let at = 0;
  for (const tensor of tensors) {
    tensor.count = tensor.shape.reduce((product, side) => product * side, 1);
    header[tensor.name] = {
      dtype: 'F32',
      shape: tensor.shape,
      data_offsets: [at, (at += 4 * tensor.count)],
    };
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));

  const buffer = new Float32Array(Math.max(...tensors.map(({ count }) => count)));
  const fill = filler(seed);
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'w');
  try {
    await file.writeFile(Buffer.concat([length, json]));
    for (const { count, shape, mean, deviation, columns, factor } of tensors) {
      const values = buffer.subarray(0, count);
      fill(values, mean, deviation);
      for (const column of columns) for (let i = column; i < count; i += shape.at(-1)) values[i] *= factor;
      await file.writeFile(new Uint8Array(values.buffer, 0, values.byteLength));
    }
  } finally {
    await file.close();
  }
  return { parameters: at / 4, bytes: 8 + json.length + at };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      registers: { type: 'string' },
      outliers: { type: 'string' },
      'outlier-gain': { type: 'string' },
      grid: { type: 'string' },
      seed: { type: 'string' },
    },
  });
  const [size, path] = positionals;
  if (!Object.hasOwn(SIZES, size ?? '') || path === undefined) {
    console.error('usage: node bench/lib/dinov2-weights.mjs small|base|large|giant <model.safetensors>');
    process.exitCode = 2;
  } else {
    const { 'outlier-gain': outlierGain, ...others } = values;
    const given = Object.entries({ ...others, ...(outlierGain === undefined ? {} : { outlierGain }) });
    const started = performance.now();
    const { parameters, bytes } = await writeDinov2Weights(path, {
      size,
      ...Object.fromEntries(given.map(([name, value]) => [name, Number(value)])),
    });
    const seconds = (performance.now() - started) / 1000;
    console.log(
      `${(parameters / 1e6).toFixed(1)} M parameters, ${(bytes / 1e6).toFixed(0)} MB, ${seconds.toFixed(1)} s`,
    );
  }
}
