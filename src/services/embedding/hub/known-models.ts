/** Models that `models pull` can get: the published DINOv2 sizes, with and without registers. */
export interface KnownModel {
  readonly id: string;
  readonly name: string;
  /** Length of the vector. */
  readonly dimension: number;
  readonly registers: 0 | 4;
  /** Of all weights; in fp32 a model takes four bytes for each. */
  readonly parameters: number;
  /** `model.safetensors`, or the index of a sharded one beside it. */
  readonly repository: string;
  /** An ONNX export with int8 weights, where one is published. */
  readonly int8: HubFile | null;
}

/** A file of a repository of the hub. */
export interface HubFile {
  readonly repository: string;
  /** Relative to the repository. */
  readonly file: string;
}

const quantised = (repository: string): HubFile => ({ repository, file: 'onnx/model_quantized.onnx' });

/**
 * The weights are Meta's own; the int8 files are the exports that were made for Transformers.js, by the name they have in
 * all of these repositories.
 */
export const KNOWN_MODELS: readonly KnownModel[] = [
  size('small', 384, 22.1, quantised('Xenova/dinov2-small')),
  size('base', 768, 86.6, quantised('Xenova/dinov2-base')),
  size('large', 1024, 304.4, quantised('Xenova/dinov2-large')),
  size('giant', 1536, 1136.5, null),
  registers('small', 384, 22.1, quantised('onnx-community/dinov2-with-registers-small')),
  registers('base', 768, 86.6, quantised('onnx-community/dinov2-with-registers-base')),
  registers('large', 1024, 304.4, quantised('onnx-community/dinov2-with-registers-large')),
  registers('giant', 1536, 1136.5, null),
];

function size(name: string, dimension: number, millions: number, int8: HubFile | null): KnownModel {
  return {
    id: `dinov2-${name}`,
    name: `DINOv2 ${name}`,
    dimension,
    registers: 0,
    parameters: millions * 1e6,
    repository: `facebook/dinov2-${name}`,
    int8,
  };
}

function registers(name: string, dimension: number, millions: number, int8: HubFile | null): KnownModel {
  return {
    ...size(name, dimension, millions, int8),
    id: `dinov2-${name}-registers`,
    name: `DINOv2 ${name} with registers`,
    registers: 4,
    repository: `facebook/dinov2-with-registers-${name}`,
  };
}

export const findKnownModel = (id: string): KnownModel | undefined =>
  KNOWN_MODELS.find((known) => known.id === id);
