import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Architecture } from './architecture.js';
import type { LayerWeights } from './layer-weights.js';
import type { LinearEmitter } from './linear.js';
import type { ModelWriter } from './model-writer.js';

/** Input of the graph: pictures of one size in pixels, or of any size whose sides are multiples of 14. */
export type InputSize = 'dynamic' | { readonly height: number; readonly width: number };

/**
 * How attention is expressed; all three compute the same. `plain`: matrix products and Softmax. `fused`: ONNX Runtime's
 * MultiHeadAttention. `packed`: its Attention, which itself multiplies by the weights of query, key and value, in float32
 * and without the LinearEmitter.
 */
export type AttentionForm = 'plain' | 'fused' | 'packed';

/** Common context for writing the parts of a DINOv2. */
export interface GraphScope {
  readonly writer: ModelWriter;
  /** The graph of the writer. */
  readonly graph: GraphBuilder;
  readonly weights: LayerWeights;
  readonly architecture: Architecture;
  readonly linear: LinearEmitter;
  readonly size: InputSize;
  readonly attention: AttentionForm;
}

export const INPUT = 'pixel_values';

export const MICROSOFT = { domain: 'com.microsoft' } as const;

/** Tokens before those of the patches: CLS, then the registers. */
export const prefixLength = ({ registers }: Pick<Architecture, 'registers'>): number => 1 + registers;
