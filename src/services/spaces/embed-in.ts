import type { EmbedOptions, Embedding } from '../embedding/types.js';
import type { Space } from './spaces.js';

export interface SpaceVector {
  readonly space: Space;
  /** Of the space's dimension, unit length. */
  readonly vector: Float32Array;
}

export interface PictureVectors {
  /** What is known of the picture besides, from the first space. */
  readonly embedding: Embedding;
  /** One for each space, in their order. */
  readonly vectors: readonly SpaceVector[];
}

/**
 * One picture's vectors in several spaces; all of them, or none.
 * @param spaces at least one
 * @throws as `Embedder.embed`
 */
export async function embedIn(
  [first, ...others]: readonly [Space, ...Space[]],
  bytes: Uint8Array,
  options: EmbedOptions = {},
): Promise<PictureVectors> {
  // What is made beside the vector is made once.
  const { thumbnail: _, ...plain } = options;
  const [embedding, rest] = await Promise.all([
    first.embedder.embed(bytes, options),
    Promise.all(
      others.map(async (space) => ({ space, vector: (await space.embedder.embed(bytes, plain)).vector })),
    ),
  ]);
  return { embedding, vectors: [{ space: first, vector: embedding.vector }, ...rest] };
}
