import type { EmbedOptions, Embedding } from '../embedding/types.js';
import type { ServingSpaces, Space } from './spaces.js';

export interface SpaceVector {
  readonly space: Space;
  /** Of the space's dimension, unit length. */
  readonly vector: Float32Array;
}

export interface PictureVectors {
  readonly picture: Omit<Embedding, 'vector'>;
  /** The primary space's first, then those of the others whose models did not fail. */
  readonly vectors: readonly SpaceVector[];
}

/**
 * One picture's vectors in all serving spaces, by one decode. A feature whose model fails must not keep a picture out of
 * the gallery: it is wanted in that space still, and embedded with what else is missing there.
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
