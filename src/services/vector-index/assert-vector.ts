import { AppError } from '../../errors.js';

/** How far a vector's length may be from 1: far above float32 rounding, far below any real mistake. */
export const UNIT_LENGTH_TOLERANCE = 1e-3;

/**
 * What is wrong with a vector or its label, in words; null if nothing is. The only place that decides what may enter an
 * index (hnswlib aborts the process on NaN, and ranks other invalid vectors wrongly).
 */
export function vectorProblem(label: number, vector: Float32Array, dimension: number): string | null {
  if (!Number.isInteger(label) || label < 0 || label > 0xffff_ffff) return 'its label is not a uint32';
  return queryProblem(vector, dimension);
}

/** The same for a vector without a label. */
export function queryProblem(vector: Float32Array, dimension: number): string | null {
  if (vector.length !== dimension) return `it has ${vector.length} values, the space has ${dimension}`;
  let squares = 0;
  for (let i = 0; i < dimension; i++) squares += vector[i]! * vector[i]!;
  if (!Number.isFinite(squares)) return 'it has a value that is not finite';
  if (Math.abs(Math.sqrt(squares) - 1) > UNIT_LENGTH_TOLERANCE) return 'it is not of unit length';
  return null;
}

/** @throws AppError MODEL_MISMATCH if the vector may not enter an index */
export function assertVector(label: number, vector: Float32Array, dimension: number): void {
  const problem = vectorProblem(label, vector, dimension);
  if (problem !== null) throw new AppError('MODEL_MISMATCH', `A vector was refused: ${problem}.`);
}

/** @throws AppError MODEL_MISMATCH if the vector cannot be used as a query */
export function assertQuery(vector: Float32Array, dimension: number): void {
  const problem = queryProblem(vector, dimension);
  if (problem !== null) throw new AppError('MODEL_MISMATCH', `A query vector was refused: ${problem}.`);
}
