import { check } from '../../lib/check.js';
import type { WeightFile } from '../weights/types.js';
import type { Architecture } from './architecture.js';
import { CalibrationTrial, type TrialOptions } from './calibration-trial.js';
import { errorProbe, maximaProbe } from './layer-probes.js';
import { canFold, smoothingDivisors } from './smooth-quant.js';

export interface CalibrationOptions extends TrialOptions {
  /** Files of typical pictures; at most 64 are used. Unreadable ones are left out. */
  readonly pictures: readonly string[];
}

export interface LayerPlan {
  readonly name: string;
  /** Error of the planned form: its length (L2) relative to the layer's result in float32, over all tokens; 0 for float32. */
  readonly error: number;
  /** The same for int8 without SmoothQuant. */
  readonly plainError: number;
  /** SmoothQuant's exponent; null if unchanged inputs are better. */
  readonly alpha: Alpha | null;
  /** Where the inputs are divided. */
  readonly division: 'none' | 'folded' | 'at run time';
  readonly type: 'int8' | 'float32';
}

export interface Calibration {
  /** Pictures used. */
  readonly pictures: number;
  readonly unreadable: number;
  readonly layers: readonly LayerPlan[];
  /** By layer: to fold into the weights, by `smoothWeights`. */
  readonly folded: ReadonlyMap<string, Float32Array>;
  /** By layer: to divide the inputs by at run time, by `int8Linear`. */
  readonly divided: ReadonlyMap<string, Float32Array>;
  /** Layers to leave in float32. */
  readonly float: ReadonlySet<string>;
}

/** The largest values of channels hardly grow beyond this many pictures. */
const MOST_PICTURES = 64;

/** Every fourth picture is held out: the others determine the divisors, these the errors. */
const APART = 4;

/** The paper recommends 0.5; for models with larger outliers 0.75. Which is best is measured, layer by layer. */
const ALPHAS = [0.5, 0.65, 0.8] as const;
type Alpha = (typeof ALPHAS)[number];

/**
 * SmoothQuant ties a layer to the ranges of its channels in the given pictures. A layer is not changed if its error is no
 * larger than that of rounding evenly spread values, 0.01 to 0.02, or if it would gain less than a fifth.
 */
const GOOD_ENOUGH = 0.02;
const WORTHWHILE = 0.8;

/** Of exponents that are nearly as good as the best, the lowest is used, since it depends least on the given pictures. */
const NEARLY = 1.1;

/**
 * A layer with a larger error stays in float32. Errors of the layers are nearly independent and add up as squares, as do
 * the contributions of the blocks to the residual stream, so the error of the whole is about the average error of its
 * layers: 0.1 would mean a cosine of 1 - 0.1^2 / 2 = 0.995. Half of that leaves room for amplification by attention and
 * later layers.
 */
const MOST_ERROR = 0.05;

/**
 * Measures the inputs of the dense layers on real pictures, and decides how to quantise each: with which SmoothQuant
 * exponent, without, or not at all. For this the model is run in float32, from a temporary file.
 * @throws AppError BAD_USER_INPUT if no picture can be read; MODEL_MISMATCH, STORAGE_FAILED; the signal's reason
 */
export async function calibrate(
  weights: WeightFile,
  architecture: Architecture,
  options: CalibrationOptions,
): Promise<Calibration> {
  const pictures = spread(options.pictures, MOST_PICTURES);
  check(pictures.length > 0, 'calibrate', 'a folder with pictures');
  const isApart = (_: string, at: number): boolean => pictures.length < APART || at % APART === APART - 1;
  const apart = pictures.filter(isApart);
  const others = pictures.length < APART ? pictures : pictures.filter((file, at) => !isApart(file, at));
  const trial = new CalibrationTrial(weights, architecture, options, others.length + apart.length);

  const maximaOf = maximaProbe();
  const maxima = new Map<string, Float32Array>();
  const seen = await trial.probing(maximaOf, (probe) =>
    trial.run(probe, others, maximaOf.outputs, (name, { data }) => raise(maxima, name, data)),
  );
  check(seen > 0, 'calibrate', 'a folder with pictures that can be read');

  const candidatesOf = (name: string): readonly (Float32Array | null)[] => [
    null,
    ...ALPHAS.map((alpha) =>
      smoothingDivisors(
        maxima.get(name) as Float32Array,
        maximaOf.weightMaxima.get(name) as Float32Array,
        alpha,
      ),
    ),
  ];
  const errorsOf = errorProbe(({ name }) => candidatesOf(name));
  const sums = new Map<string, Float64Array>();
  const measured = await trial.probing(errorsOf, async (probe) => {
    const measure = (files: readonly string[]): Promise<number> =>
      trial.run(probe, files, errorsOf.outputs, (name, { data }) => add(sums, name, data));
    const count = await measure(apart);
    if (count > 0) return count;
    trial.expectMore(others.length);
    await measure(others); // better than nothing
    return 0;
  });
  return {
    pictures: seen + (others === pictures ? 0 : measured),
    unreadable: others.length - seen + (others === pictures ? 0 : apart.length - measured),
    ...planLayers(sums, architecture, candidatesOf),
  };
}

/** @param sums by layer: the energy of its result in float32, then of the difference of each of `candidatesOf` */
function planLayers(
  sums: ReadonlyMap<string, Float64Array>,
  architecture: Architecture,
  candidatesOf: (name: string) => readonly (Float32Array | null)[],
): Pick<Calibration, 'layers' | 'folded' | 'divided' | 'float'> {
  const folded = new Map<string, Float32Array>();
  const divided = new Map<string, Float32Array>();
  const float = new Set<string>();
  const layers = [...sums].map(([name, [energy = 0, ...differences]]): LayerPlan => {
    const errors = differences.map((difference) => (energy > 0 ? Math.sqrt(difference / energy) : 0));
    const plan = planLayer(name, errors, canFold(name, architecture));
    const divisors = plan.alpha === null ? null : candidatesOf(name)[1 + ALPHAS.indexOf(plan.alpha)];
    if (plan.type === 'float32') float.add(name);
    else if (divisors != null) (plan.division === 'folded' ? folded : divided).set(name, divisors);
    return plan;
  });
  return { layers, folded, divided, float };
}

/** @param errors without SmoothQuant, then for each of `ALPHAS` */
export function planLayer(name: string, errors: readonly number[], foldable: boolean): LayerPlan {
  const [plainError = 0, ...smoothed] = errors;
  const least = Math.min(...smoothed);
  const saves = plainError > MOST_ERROR && least <= MOST_ERROR;
  // A division at run time costs a pass over the inputs, so it is used only to avoid float32.
  const gains = plainError > GOOD_ENOUGH && least <= WORTHWHILE * plainError;
  const smooth = saves || (foldable && gains);
  const enough = saves ? Math.min(MOST_ERROR, NEARLY * least) : NEARLY * least;
  const chosen = smooth ? smoothed.findIndex((error) => error <= enough) : -1;
  const error = smoothed[chosen] ?? plainError;
  if (error > MOST_ERROR)
    return { name, error: 0, plainError, alpha: null, division: 'none', type: 'float32' };
  return {
    name,
    error,
    plainError,
    alpha: ALPHAS[chosen] ?? null,
    division: smooth ? (foldable ? 'folded' : 'at run time') : 'none',
    type: 'int8',
  };
}

/** At most `count` items, evenly spread over the list, since folders are often sorted by occasion. */
export function spread<Item>(items: readonly Item[], count: number): Item[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / count)]!);
}

function raise(maxima: Map<string, Float32Array>, name: string, values: Float32Array): void {
  const known = maxima.get(name);
  if (known === undefined) maxima.set(name, Float32Array.from(values));
  else values.forEach((value, i) => (known[i] = Math.max(known[i]!, value)));
}

function add(sums: Map<string, Float64Array>, name: string, values: Float32Array): void {
  const known = sums.get(name);
  if (known === undefined) sums.set(name, Float64Array.from(values));
  else values.forEach((value, i) => (known[i]! += value));
}
