import { BUILTIN_ID } from '../../model-tools/builtin/identity.js';
import { knownModelOf, type KnownModel } from '../../model-tools/hub/known-models.js';
import type { Measured } from '../embedding/measured.js';
import type { WorkerPlan } from '../embedding/plan.js';
import type { ModelDescription } from '../embedding/types.js';

/**
 * Estimates the time of a model that was never run here from one that was, by the ratio of their work: multiply-adds of
 * the architecture times a factor for their speed. The factors come from the times in docs/benchmarks.md ("What a picture
 * costs in each model"), on two cores with VNNI.
 */

type Precision = ModelDescription['precision'];

/** Tokens of the 4:3 picture used in measurements: 16 x 21 patches and the CLS token. */
const TOKENS = 16 * 21 + 1;
const PATCH_VALUES = 3 * 14 * 14;
/** Blocks, by the length of the vector. */
const BLOCKS: Readonly<Record<number, number>> = { 384: 12, 768: 12, 1024: 24, 1536: 40 };
/** Only giant has SwiGLU: three matrices of 8/3 times the width instead of two of four times. */
const SWIGLU = 1536;

/** Time of int8 as a share of fp32, by the length of the vector; fp16 is computed in float32. Giant was not measured. */
const INT8: Readonly<Record<number, number>> = { 384: 0.45, 768: 0.36, 1024: 0.31, 1536: 0.3 };
/** Time of the built-in model as a share of DINOv2 small in fp32; its convolutions and histograms cannot be compared by multiply-adds. */
const BUILTIN_OF_SMALL = 0.15;
const SMALL = { dimension: 384, registers: 0 } as const;

/** Multiply-adds of DINOv2 for one picture. */
export function multiplyAdds({ dimension, registers }: Pick<KnownModel, 'dimension' | 'registers'>): number {
  const tokens = TOKENS + registers;
  const attention = 4 * dimension ** 2 + 2 * tokens * dimension;
  const mlp = dimension === SWIGLU ? (3 * dimension * (dimension * 8)) / 3 : 8 * dimension ** 2;
  return tokens * (PATCH_VALUES * dimension + (BLOCKS[dimension] ?? 0) * (attention + mlp));
}

interface Work {
  readonly kind: 'builtin' | 'dinov2';
  readonly isInt8: boolean;
  /** Comparable between models. */
  readonly amount: number;
}

const workOf = (known: KnownModel, precision: Precision): Work => ({
  kind: 'dinov2',
  isInt8: precision === 'int8',
  amount: multiplyAdds(known) * (precision === 'int8' ? (INT8[known.dimension] ?? 1) : 1),
});

function workOfInstalled(id: string): Work | null {
  if (id === BUILTIN_ID)
    return { kind: 'builtin', isInt8: false, amount: BUILTIN_OF_SMALL * multiplyAdds(SMALL) };
  const found = knownModelOf(id);
  return found && workOf(found.known, found.precision);
}

/** Measurements on this machine, by model id. */
export type Measurements = ReadonlyMap<string, Measured>;

/**
 * Estimates how long a picture takes in a known model on this machine, in ms, from the most similar measured model.
 * @returns null if no comparable model was measured
 */
export function estimateEmbedMs(
  known: KnownModel,
  precision: Precision,
  measurements: Measurements,
  { threads }: Pick<WorkerPlan, 'threads'>,
): number | null {
  const wanted = workOf(known, precision);
  const unlikeness = ({ kind, isInt8, amount }: Work): number =>
    (kind === 'dinov2' ? 0 : 100) +
    (isInt8 === wanted.isInt8 ? 0 : 10) +
    Math.abs(Math.log(amount / wanted.amount));
  let best: { readonly work: Work; readonly measured: Measured } | null = null;
  for (const [id, measured] of measurements) {
    const work = workOfInstalled(id);
    if (work !== null && (best === null || unlikeness(work) < unlikeness(best.work)))
      best = { work, measured };
  }
  if (best === null) return null;
  const { work, measured } = best;
  return (measured.embedMs * measured.threads * wanted.amount) / work.amount / threads;
}

/** Default until a gallery picture has been decoded: a photo of 60 KB (docs/benchmarks.md, DINOv2). */
const USUAL_DECODE_MS = 5;

/** Estimates how long pictures take to decode and embed on an idle machine. @param embedMs with `threads` */
export function secondsFor(
  pictures: number,
  { embedMs, threads }: Pick<Measured, 'embedMs' | 'threads'>,
  decodeMs: number | null,
  plan: WorkerPlan,
): number {
  // Threads of one run and parallel runs share the same cores; one thread decodes a picture.
  const coreMs = embedMs * threads + (decodeMs ?? USUAL_DECODE_MS);
  return (pictures * coreMs) / (plan.workers * plan.threads) / 1000;
}
