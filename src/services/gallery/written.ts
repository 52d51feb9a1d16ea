import type { Written } from '../catalog/types.js';
import type { Embedding, EmbedOptions } from '../embedding/types.js';
import type { PictureFacts } from '../media/facts/types.js';

/** What is known of a picture's file besides its content. */
export interface FileFacts {
  /** When it was last changed. */
  readonly modifiedAt?: Date;
  /** The text of its `.xmp` sidecar. */
  readonly sidecar?: string;
}

/** Options for a worker, so that it returns the facts for `writtenOf`. */
export const factsWanted = (file: FileFacts = {}): Required<Pick<EmbedOptions, 'facts'>> => ({
  facts: file.sidecar === undefined ? {} : { sidecar: file.sidecar },
});

/** The facts of a picture that was embedded with `factsWanted`. */
export function factsOf({ facts }: Pick<Embedding, 'facts'>): PictureFacts {
  if (facts === null) throw new Error('The worker was not asked for the metadata of the picture.');
  return facts;
}

/** @param keepLocation whether its place may be stored */
export function writtenOf(facts: PictureFacts, file: FileFacts = {}, keepLocation = false): Written {
  return {
    facts: keepLocation ? facts : { ...facts, place: null },
    modifiedAt: file.modifiedAt ?? null,
    withPlace: keepLocation,
  };
}
