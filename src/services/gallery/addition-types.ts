import type { ImageRow, NewImage } from '../catalog/types.js';
import type { Notes } from './notes.js';
import type { FileFacts } from './written.js';

export interface AddImage {
  readonly bytes: Uint8Array;
  /** By default the title in the picture itself, otherwise `fileTitle`. */
  readonly title?: string | undefined;
  readonly fileTitle?: string | undefined;
  /** In addition to the keywords of the picture itself. */
  readonly tags?: readonly string[] | undefined;
  readonly file?: FileFacts | undefined;
  /** What an export wrote beside it; goes before what the picture itself says. */
  readonly notes?: Notes | undefined;
  /** The file stays where it is, in a library that has it already: no copy is made. */
  readonly inPlace?: boolean;
  readonly signal?: AbortSignal;
}

export interface Added {
  readonly image: ImageRow;
  /** False if a picture with the same bytes existed. */
  readonly created: boolean;
  /** The picture existed, and its missing or damaged file was restored. */
  readonly repaired: boolean;
}

export type AddedFields = Pick<NewImage, 'sha256' | 'tags' | 'bytes'> & {
  readonly stored: boolean;
  readonly title: string | null;
  readonly fileTitle: string;
  readonly notes: Notes | undefined;
};
