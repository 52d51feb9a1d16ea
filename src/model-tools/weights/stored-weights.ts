import { ELEMENT_BYTES, Float32Sink } from './float32-sink.js';
import { mismatch } from './mismatch.js';
import type { WeightElement, WeightFile, WeightInfo } from './types.js';

/** What the readers of the containers give; `unsupported` tensors are there, with types that are no weights. */
export interface OpenWeights extends WeightFile {
  /** The type of each, in the container's own words. */
  readonly unsupported: ReadonlyMap<string, string>;
}

/** One file that tensors are stored in. */
export interface Container<Stored extends WeightInfo> {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, Stored>;
  readonly unsupported: ReadonlyMap<string, string>;
  /** Gives the sink all bytes of the tensor, or throws; an error that is not an AppError is reported as damage. */
  fill(name: string, stored: Stored, sink: Float32Sink): Promise<void>;
  close(): Promise<void>;
}

export function noSuchTensor(weights: Pick<OpenWeights, 'path' | 'unsupported'>, tensor: string): Error {
  const type = weights.unsupported.get(tensor);
  return mismatch(
    weights.path,
    type === undefined ? 'is not there' : `is of type ${type}; weights are floating-point numbers`,
    { tensor },
  );
}

/** Number of values of a tensor of this shape, or null when the shape is not possible. */
export function countOf(shape: readonly unknown[], element: WeightElement): number | null {
  let count = 1;
  for (const side of shape) {
    if (!Number.isSafeInteger(side) || (side as number) < 0) return null;
    count *= side as number;
  }
  return Number.isSafeInteger(count * ELEMENT_BYTES[element]) ? count : null;
}

/** Adds to a container what is the same for all: looking up, checking that all bytes came and every value is finite. */
export function weightsIn<Stored extends WeightInfo>(container: Container<Stored>): OpenWeights {
  const { path, tensors, unsupported } = container;
  return {
    path,
    tensors,
    unsupported,
    close: () => container.close(),
    async read(tensor) {
      const stored = tensors.get(tensor);
      if (stored === undefined) throw noSuchTensor(container, tensor);
      const sink = newSink(path, tensor, stored);
      await container.fill(tensor, stored, sink);
      const notFinite = sink.countNotFinite();
      if (notFinite > 0)
        throw mismatch(
          path,
          `has ${notFinite} of ${sink.values.length} values that are not finite (NaN or infinite as float32)`,
          { tensor, notFinite },
        );
      return sink.values;
    },
  };
}

function newSink(path: string, tensor: string, { shape, element }: WeightInfo): Float32Sink {
  try {
    return new Float32Sink(
      element,
      shape.reduce((product, side) => product * side, 1),
    );
  } catch (cause) {
    throw mismatch(path, `is too large for this machine (shape ${shape.join(' x ')})`, { tensor, cause });
  }
}
