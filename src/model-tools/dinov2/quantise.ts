import type { WeightFile } from '../weights/types.js';
import type { Architecture } from './architecture.js';
import { calibrate, type Calibration, type CalibrationOptions } from './calibrate.js';
import { int8Linear } from './int8-linear.js';
import type { LinearEmitter } from './linear.js';
import { smoothWeights } from './smooth-quant.js';

/** How the weights are written: by which emitter, and after which changes that preserve the result. */
export interface Quantised {
  readonly weights: WeightFile;
  readonly linear: LinearEmitter;
  /** The calibration, if there was one. */
  readonly calibration: Calibration | null;
}

/** Every dense layer in int8; with pictures, in the form that calibration finds best. */
export async function quantise(
  weights: WeightFile,
  architecture: Architecture,
  options: CalibrationOptions | null,
): Promise<Quantised> {
  if (options === null) return { weights, linear: int8Linear(), calibration: null };
  const calibration = await calibrate(weights, architecture, options);
  const { folded, divided, float } = calibration;
  return {
    weights: smoothWeights(weights, architecture, folded),
    linear: int8Linear({ float, divisors: divided }),
    calibration,
  };
}
