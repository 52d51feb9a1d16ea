import { AppError } from '../../errors.js';

/**
 * A copy of the values scaled to unit length (L2). The only place where vectors are prepared for the index.
 * @throws AppError EMBEDDING_FAILED if a value is not finite or all are zero
 */
export function toUnitVector(values: Float32Array): Float32Array {
  let sum = 0;
  for (const value of values) sum += value * value;
  const norm = Math.sqrt(sum);
  if (!Number.isFinite(norm) || norm < 1e-12) {
    throw new AppError('EMBEDDING_FAILED', 'The model computed a vector that is zero or not finite.');
  }
  const unit = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) unit[i] = values[i]! / norm;
  return unit;
}
