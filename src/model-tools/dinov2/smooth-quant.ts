import { check } from '../../lib/check.js';
import type { WeightFile } from '../weights/types.js';
import { blockTensors, type Architecture } from './architecture.js';

/**
 * G. Xiao et al.: SmoothQuant: Accurate and Efficient Post-Training Quantization for Large Language Models. 2022.
 *
 * A few channels of a transformer's activations are far larger than the rest; with one scale for the whole tensor, few of
 * the 256 levels remain for the others. Dividing each channel by its own number, and multiplying the weights that read it
 * by the same number, preserves the result and evens out the channels. If a linear operation computes the channel (a
 * LayerNorm's gain and bias, the rows of the value projection, the value half of SwiGLU), the division is folded into its
 * weights and costs nothing at run time.
 */

/** Minimum divisor, as in the publishers' code. */
const LEAST = 1e-5;

/**
 * Equation 4: s_j = max|X_j|^alpha / max|W_j|^(1 - alpha). With alpha 1 all of the difficulty moves into the weights.
 * @param activations largest absolute value of each channel; `weights` the same of each column
 * @returns the divisor of each channel; 1 for channels that are always zero, or that nothing reads
 */
export function smoothingDivisors(
  activations: Float32Array,
  weights: Float32Array,
  alpha: number,
): Float32Array {
  check(activations.length === weights.length, 'weights', `${activations.length} columns`);
  return activations.map((activation, channel) => {
    const weight = weights[channel]!;
    if (activation === 0 || weight === 0) return 1;
    const divisor = activation ** alpha / weight ** (1 - alpha);
    return Number.isFinite(divisor) ? Math.max(LEAST, divisor) : 1;
  });
}

/** The largest absolute value of each column of [rows, columns]. */
export function columnMaxima(matrix: Float32Array, columns: number): Float32Array {
  const maxima = new Float32Array(columns);
  for (let i = 0, column = 0; i < matrix.length; i++) {
    const size = Math.abs(matrix[i]!);
    if (size > maxima[column]!) maxima[column] = size;
    if (++column === columns) column = 0;
  }
  return maxima;
}

/** Whether a linear operation computes the inputs of this layer. GELU is not linear: gelu(x / s) is not gelu(x) / s. */
export function canFold(layer: string, { feedForward }: Architecture): boolean {
  return (
    /\.(attention\.(qkv|output)|mlp\.fc1)$/.test(layer) ||
    (feedForward === 'swiglu' && /\.mlp\.fc2$/.test(layer))
  );
}

/** Changes a tensor in place. */
type Change = (values: Float32Array) => void;

/**
 * The same model with other weights: those that compute the inputs of a layer are divided, those that read them multiplied.
 * - `attention.qkv`: norm1 and the columns of query, key, value; `mlp.fc1`: norm2 and the columns of fc1 (weights_in).
 * - `attention.output`: the rows and bias of value, and the columns of the output projection. Exact because each head
 *   outputs, channel by channel, a weighted mean of its values.
 * - `mlp.fc2` with SwiGLU, silu(x1) * x2: the x2 half of the rows and bias of weights_in, and the columns of weights_out.
 * @param divisors by name of the layer in the graph (`layer.3.attention.qkv`), one for each of its inputs
 */
export function smoothWeights(
  file: WeightFile,
  architecture: Architecture,
  divisors: ReadonlyMap<string, Float32Array>,
): WeightFile {
  const changes = new Map<string, Change[]>();
  const change = (tensor: string, one: Change): void => {
    changes.set(tensor, [...(changes.get(tensor) ?? []), one]);
  };
  const { dimension, depth, feedForward, hidden } = architecture;
  const divideNorm = (norm: string, by: Float32Array): void => {
    for (const part of ['weight', 'bias']) change(`${norm}.${part}`, (values) => divideRows(values, by, 0));
  };
  const divideLinear = (linear: string, by: Float32Array, firstRow = 0): void => {
    for (const part of ['weight', 'bias'])
      change(`${linear}.${part}`, (values) => divideRows(values, by, firstRow));
  };
  const multiply = (linear: string, by: Float32Array): void =>
    change(`${linear}.weight`, (values) => multiplyColumns(values, by));

  const known = new Set<string>();
  for (let index = 0; index < depth; index++) {
    const names = blockTensors(index);
    const take = (layer: string, width: number): Float32Array | undefined => {
      const name = `layer.${index}.${layer}`;
      known.add(name);
      const found = divisors.get(name);
      check(found === undefined || found.length === width, `divisors of ${name}`, `${width} numbers`);
      return found;
    };
    const ofNorm1 = take('attention.qkv', dimension);
    if (ofNorm1 !== undefined) {
      divideNorm(names.norm1, ofNorm1);
      for (const linear of [names.query, names.key, names.value]) multiply(linear, ofNorm1);
    }
    const ofValue = take('attention.output', dimension);
    if (ofValue !== undefined) {
      divideLinear(names.value, ofValue);
      multiply(names.attentionOutput, ofValue);
    }
    const ofNorm2 = take('mlp.fc1', dimension);
    if (ofNorm2 !== undefined) {
      divideNorm(names.norm2, ofNorm2);
      multiply(feedForward === 'swiglu' ? names.weightsIn : names.fc1, ofNorm2);
    }
    if (feedForward !== 'swiglu') continue;
    const ofHidden = take('mlp.fc2', hidden);
    if (ofHidden !== undefined) {
      divideLinear(names.weightsIn, ofHidden, hidden);
      multiply(names.weightsOut, ofHidden);
    }
  }
  for (const name of divisors.keys())
    check(known.has(name), `divisors of ${name}`, 'a layer that can be folded');

  return {
    path: file.path,
    tensors: file.tensors,
    async read(name) {
      const values = await file.read(name);
      for (const one of changes.get(name) ?? []) one(values);
      return values;
    },
    close: () => file.close(),
  };
}

/** Divides rows from `firstRow` on; of a vector, its elements. Rows before `firstRow` are as many as those divided. */
function divideRows(values: Float32Array, divisors: Float32Array, firstRow: number): void {
  const width = values.length / (firstRow + divisors.length);
  divisors.forEach((divisor, row) => {
    const begin = (firstRow + row) * width;
    for (let i = begin; i < begin + width; i++) values[i]! /= divisor;
  });
}

function multiplyColumns(values: Float32Array, factors: Float32Array): void {
  for (let i = 0, column = 0; i < values.length; i++) {
    values[i]! *= factors[column]!;
    if (++column === factors.length) column = 0;
  }
}
