import type { ImageRow, KnownBefore } from '../catalog/types.js';
import { isRating, titleWithin, usableTags } from './titles-and-tags.js';

/** The version of the form; a file without it was written by another program. */
const VERSION = 1;
const MOST_TAGS = 1000;

/** What the gallery knows of a picture and its file does not say: written beside it by an export, read again by an import. */
export interface Notes {
  readonly title: string;
  readonly tags: readonly string[];
  readonly before: KnownBefore;
  /** When the file was changed last; null where that was not known. */
  readonly modifiedAt: Date | null;
}

/** The name of the notes beside a picture. */
export const notesName = (pictureName: string): string => `${pictureName}.json`;

/** @returns JSON; `takenAt` is there for other programs, since an import asks the picture itself */
export function encodeNotes({ sha256, title, tags, rating, favorite, createdAt, taken }: ImageRow): string {
  const notes = {
    ...{ likeness: VERSION, sha256, title, tags, rating, favorite },
    addedAt: createdAt.toISOString(),
    takenAt: taken.local,
    takenOffsetMinutes: taken.offsetMinutes,
    fileDate: taken.from === 'FILE' ? taken.at.toISOString() : null,
  };
  return `${JSON.stringify(notes, null, 2)}\n`;
}

/** @returns null for what `encodeNotes` did not write; of a field that somebody has spoilt, what a new picture has */
export function decodeNotes(text: string): Notes | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || !('likeness' in value) || value.likeness !== VERSION)
    return null;
  const fields = value as Readonly<Record<string, unknown>>;
  const { title, tags, rating, favorite } = fields;
  return {
    title: typeof title === 'string' ? titleWithin(title) : '',
    tags: Array.isArray(tags) ? usableTags(tags.slice(0, MOST_TAGS)) : [],
    before: {
      rating: isRating(rating) ? rating : null,
      favorite: favorite === true,
      createdAt: pastDate(fields['addedAt']),
    },
    modifiedAt: pastDate(fields['fileDate']),
  };
}

/** Whether a text is notes of this picture, which may be written again. */
export function areNotesOf(text: string, sha256: string): boolean {
  if (decodeNotes(text) === null) return false;
  return (JSON.parse(text) as { readonly sha256?: unknown }).sha256 === sha256;
}

/** A date in ISO 8601 that is not to come. */
function pastDate(text: unknown): Date | null {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text)) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : new Date(Math.min(time, Date.now()));
}
