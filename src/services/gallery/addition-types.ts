import type { ImageRow, NewImage } from '../catalog/types.js';
import type { Notes } from './notes.js';
import type { FileFacts } from './written.js';

export interface AddImage {
  readonly bytes: Uint8Array;
  /** Left out: what the picture itself says, or else `fileTitle`. */
  readonly title?: string | undefined;
  readonly fileTitle?: string | undefined;
  /** Beside the keywords of the picture itself. */
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
  /** False when the same bytes were there already. */
  readonly created: boolean;
  /** The picture was there, and its file gone or damaged: it was put back. */
  readonly repaired: boolean;
}

export type AddedFields = Pick<NewImage, 'sha256' | 'tags' | 'bytes'> & {
  readonly stored: boolean;
  readonly title: string | null;
  readonly fileTitle: string;
  readonly notes: Notes | undefined;
};
