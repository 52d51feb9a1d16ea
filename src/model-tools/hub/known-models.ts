import type { ModelDescription } from '../../services/embedding/types.js';

type Precision = ModelDescription['precision'];

/** Models that `models pull` can get: the published DINOv2 sizes, with and without registers. */
export interface KnownModel {
  readonly id: string;
  readonly name: string;
  /** What it is good at, in one sentence. */
  readonly description: string;
  /** SPDX identifier, as stated by its publisher. */
  readonly licence: string;
  /** Length of the vector. */
  readonly dimension: number;
  readonly registers: 0 | 4;
  /** Number of weights, of four bytes each in fp32. */
  readonly parameters: number;
  /** `model.safetensors`, or the index of a sharded one beside it. */
  readonly repository: string;
  /** An ONNX export with int8 weights, if one is published. */
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
 * The weights are Meta's own; the int8 files are the exports for Transformers.js, with the same name in all of these
 * repositories. docs/models.md says what of this was checked.
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
    description: descriptionOf(name),
    licence: 'Apache-2.0',
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
    description: `${descriptionOf(name)} With registers, which make its patch maps calmer.`,
    registers: 4,
    repository: `facebook/dinov2-with-registers-${name}`,
  };
}

function descriptionOf(name: string): string {
  const most = 'Finds pictures of the same things, scenes and compositions';
  switch (name) {
    case 'small':
      return `${most}; the fastest of its kind.`;
    case 'base':
      return `${most}; the usual choice.`;
    case 'large':
      return `${most}, a little better than base, and takes about three times as long.`;
    default:
      return `${most}, best of all, and needs much memory and time: for machines with a graphics card.`;
  }
}

export const findKnownModel = (id: string): KnownModel | undefined =>
  KNOWN_MODELS.find((known) => known.id === id);

export const PRECISIONS: readonly Precision[] = ['fp32', 'fp16', 'int8'];

/** The local id of a known model in a precision: `dinov2-base-int8`. */
export const pulledId = ({ id }: Pick<KnownModel, 'id'>, precision: Precision): string =>
  precision === 'fp32' ? id : `${id}-${precision}`;

/** The known model and precision of an installed model, by its id; null if it is not a known model. */
export function knownModelOf(
  id: string,
): { readonly known: KnownModel; readonly precision: Precision } | null {
  for (const known of KNOWN_MODELS)
    for (const precision of PRECISIONS) if (pulledId(known, precision) === id) return { known, precision };
  return null;
}

/** Bytes per weight on disk; int8 also has scales and some layers in float32. */
const BYTES_PER_WEIGHT = { fp32: 4, fp16: 2, int8: 1.06 } as const;

/** Approximate size of a model on disk. */
export const installedBytes = ({ parameters }: KnownModel, precision: Precision): number =>
  Math.round(parameters * BYTES_PER_WEIGHT[precision]);

/** Approximate size of the download: the weights in fp32, or a published int8 export. @param calibrate int8 is converted from the weights */
export const downloadBytes = (known: KnownModel, precision: Precision, calibrate = false): number =>
  installedBytes(known, precision === 'int8' && known.int8 !== null && !calibrate ? 'int8' : 'fp32');
