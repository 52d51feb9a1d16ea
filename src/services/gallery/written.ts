import type { Written } from '../catalog/types.js';
import type { Embedding, EmbedOptions } from '../embedding/types.js';
import type { PictureFacts } from '../media/facts/types.js';

/** What is known of a picture's file beside its content. */
export interface FileFacts {
  /** When it was changed last. */
  readonly modifiedAt?: Date;
  /** The text of an `.xmp` file beside it. */
  readonly sidecar?: string;
}

/** What a worker is asked for, so that `writtenOf` has its facts. */
export const factsWanted = (file: FileFacts = {}): Required<Pick<EmbedOptions, 'facts'>> => ({
  facts: file.sidecar === undefined ? {} : { sidecar: file.sidecar },
});

/** Of a picture for which `factsWanted` was asked. */
export function factsOf({ facts }: Pick<Embedding, 'facts'>): PictureFacts {
  if (facts === null) throw new Error('A worker was not asked for what is written in the picture.');
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
