import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Architecture } from './architecture.js';
import type { LayerWeights } from './layer-weights.js';
import type { LinearEmitter } from './linear.js';
import type { ModelWriter } from './model-writer.js';

/** What the graph reads: pictures of one size, or of any whose sides are multiples of 14. In pixels. */
export type InputSize = 'dynamic' | { readonly height: number; readonly width: number };

/**
 * How attention is written down; all three compute the same. `plain`: matrix products and Softmax. `fused`: ONNX Runtime's
 * MultiHeadAttention. `packed`: its Attention, which multiplies with the weights for query, key and value itself, in
 * float32 and past the LinearEmitter.
 */
export type AttentionForm = 'plain' | 'fused' | 'packed';

/** What every part of a DINOv2 is written with. */
export interface GraphScope {
  readonly writer: ModelWriter;
  /** The writer's. */
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
