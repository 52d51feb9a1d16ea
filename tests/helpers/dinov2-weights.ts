import { gaussians } from './gaussians.js';

export interface TestTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface Dinov2Shape {
  /** Width of a token; a multiple of 64. */
  readonly dimension?: number;
  /** Number of blocks. */
  readonly depth?: number;
  /** Side of the grid the position embeddings are stored for. */
  readonly grid?: number;
  /** Number of register tokens. */
  readonly registers?: number;
  /** SwiGLU instead of the MLP with GELU. */
  readonly swiglu?: boolean;
  readonly patchSize?: number;
  /**
   * This many channels of every norm1 and norm2 are multiplied by `outlierGain`, as some are in trained models; the
   * columns that take them are divided by its root, so that attention stays what it was.
   */
  readonly outliers?: number;
  readonly outlierGain?: number;
  readonly seed?: number;
}

/**
 * Random weights of a DINOv2 model under the key names of Hugging Face, each matrix [outputs, inputs]. Heads are
 * always 64 wide and leave no trace in the shapes. Matrices are normal with deviation 1.5 / sqrt(inputs), so that
 * attention is neither flat nor one-hot and the values stay in the range of trained models.
 */
export function makeDinov2Weights(options: Dinov2Shape = {}): Map<string, TestTensor> {
  const {
    dimension = 128,
    depth = 2,
    grid = 37,
    registers = 0,
    swiglu = false,
    patchSize = 14,
    outliers = 0,
    outlierGain = 20,
    seed = 1,
  } = options;
  const next = gaussians(seed);
  const tensors = new Map<string, TestTensor>();
  const normal = (name: string, shape: readonly number[], deviation: number, mean = 0): Float32Array => {
    const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
    for (let i = 0; i < data.length; i++) data[i] = mean + deviation * next();
    tensors.set(name, { shape, data });
    return data;
  };
  const planted = Array.from({ length: outliers }, (_, k) => Math.floor(((k + 0.5) * dimension) / outliers));
  const linear = (name: string, outputs: number, inputs: number, afterNorm = false): void => {
    const weight = normal(`${name}.weight`, [outputs, inputs], 1.5 / Math.sqrt(inputs));
    if (afterNorm)
      for (const column of planted)
        for (let i = column; i < weight.length; i += inputs) weight[i]! /= Math.sqrt(outlierGain);
    normal(`${name}.bias`, [outputs], 0.1);
  };
  const norm = (name: string, channels: readonly number[] = []): void => {
    const gamma = normal(`${name}.weight`, [dimension], 0.2, 1);
    for (const channel of channels) gamma[channel]! *= outlierGain;
    normal(`${name}.bias`, [dimension], 0.1);
  };
  /** 0.1 to 0.9, most of them around the middle. */
  const layerScale = (name: string): void => {
    const data = normal(name, [dimension], 1);
    for (let i = 0; i < data.length; i++) data[i] = 0.5 + 0.4 * Math.tanh(data[i]!);
  };

  normal('embeddings.cls_token', [1, 1, dimension], 0.5);
  normal('embeddings.position_embeddings', [1, grid * grid + 1, dimension], 0.4);
  normal('embeddings.mask_token', [1, dimension], 0.5);
  if (registers > 0) normal('embeddings.register_tokens', [1, registers, dimension], 0.5);
  const projection = 'embeddings.patch_embeddings.projection';
  normal(`${projection}.weight`, [dimension, 3, patchSize, patchSize], 1.5 / Math.sqrt(3 * patchSize ** 2));
  normal(`${projection}.bias`, [dimension], 0.1);
  for (let block = 0; block < depth; block++) {
    const at = `encoder.layer.${block}`;
    norm(`${at}.norm1`, planted);
    norm(`${at}.norm2`, planted);
    for (const part of ['query', 'key', 'value'])
      linear(`${at}.attention.attention.${part}`, dimension, dimension, true);
    linear(`${at}.attention.output.dense`, dimension, dimension);
    layerScale(`${at}.layer_scale1.lambda1`);
    layerScale(`${at}.layer_scale2.lambda1`);
    if (swiglu) {
      // As Dinov2SwiGLUFFN: two thirds of four times the width, up to a multiple of 8.
      const hidden = Math.ceil(Math.floor((4 * dimension * 2) / 3) / 8) * 8;
      linear(`${at}.mlp.weights_in`, 2 * hidden, dimension, true);
      linear(`${at}.mlp.weights_out`, dimension, hidden);
    } else {
      linear(`${at}.mlp.fc1`, 4 * dimension, dimension, true);
      linear(`${at}.mlp.fc2`, dimension, 4 * dimension);
    }
  }
  norm('layernorm');
  return tensors;
}
