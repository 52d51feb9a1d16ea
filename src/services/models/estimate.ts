import { BUILTIN_ID } from '../../model-tools/builtin/identity.js';
import { knownModelOf, type KnownModel } from '../../model-tools/hub/known-models.js';
import type { Measured } from '../embedding/measured.js';
import type { WorkerPlan } from '../embedding/plan.js';
import type { ModelDescription } from '../embedding/types.js';

/**
 * What a model costs that was never run here: by one that was, and the ratio of their work. That is multiply-adds of the
 * architecture, times a factor for how quickly they are done. docs/benchmarks.md has the times that the factors are of
 * ("What a picture costs in each model"); two cores with VNNI.
 */

type Precision = ModelDescription['precision'];

/** Of a picture of 4:3, as the one that is measured with: 16 x 21 patches and the CLS token. */
const TOKENS = 16 * 21 + 1;
const PATCH_VALUES = 3 * 14 * 14;
/** Blocks, by the length of the vector. */
const BLOCKS: Readonly<Record<number, number>> = { 384: 12, 768: 12, 1024: 24, 1536: 40 };
/** Only the giant has SwiGLU, three matrices of 8/3 times the width for two of four times. */
const SWIGLU = 1536;

/** Part of the time of fp32 that int8 takes, by the length of the vector; fp16 is computed with in float32. Giant was not measured. */
const INT8: Readonly<Record<number, number>> = { 384: 0.45, 768: 0.36, 1024: 0.31, 1536: 0.3 };
/** The built-in model takes this part of the time of DINOv2 small in fp32: convolutions and histograms, which no count of products compares. */
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

/** What was measured on this machine, by the id of the model. */
export type Measurements = ReadonlyMap<string, Measured>;

/**
 * About how long a picture takes in a known model on this machine, in ms: by the measured model that is most like it.
 * @returns null when none was measured whose work is known
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

/** Where no picture of the gallery was decoded yet: a photo of 60 KB (docs/benchmarks.md, DINOv2). */
const USUAL_DECODE_MS = 5;

/** About how long pictures take to decode and embed when nothing else is to be done. @param embedMs with `threads` */
export function secondsFor(
  pictures: number,
  { embedMs, threads }: Pick<Measured, 'embedMs' | 'threads'>,
  decodeMs: number | null,
  plan: WorkerPlan,
): number {
  // Threads of one run and runs side by side share the same cores; a picture is decoded by one thread.
  const coreMs = embedMs * threads + (decodeMs ?? USUAL_DECODE_MS);
  return (pictures * coreMs) / (plan.workers * plan.threads) / 1000;
}
