import type { EmbedOptions, Embedding } from '../embedding/types.js';
import type { ServingSpaces, Space } from './spaces.js';

export interface SpaceVector {
  readonly space: Space;
  /** Of the space's dimension, unit length. */
  readonly vector: Float32Array;
}

export interface PictureVectors {
  readonly picture: Omit<Embedding, 'vector'>;
  /** The vector of the primary space first, then those of other spaces whose models did not fail. */
  readonly vectors: readonly SpaceVector[];
}

/**
 * Computes a picture's vectors in all serving spaces, decoding it once. A feature whose model fails must not keep the
 * picture out of the gallery: its vector is computed later with the others missing in that space.
 * @param spaces whose models share the workers (`Embedder.share`)
 * @throws as `Embedder.embed`, for the picture or the primary space's model
 */
export async function embedIn(
  { primary, spaces }: ServingSpaces,
  bytes: Uint8Array,
  options: EmbedOptions = {},
): Promise<PictureVectors> {
  const ids = spaces.map(({ model }) => model.spaceId);
  const { vectors, failures, ...picture } = await primary.embedder.embedAll(bytes, ids, options);
  const failure = failures.get(primary.model.spaceId);
  if (failure !== undefined) throw failure;
  return {
    picture,
    vectors: spaces.flatMap((space) => {
      const vector = vectors.get(space.model.spaceId);
      return vector === undefined ? [] : [{ space, vector }];
    }),
  };
}
