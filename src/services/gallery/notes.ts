import type { ImageRow, KnownBefore } from '../catalog/types.js';
import { isRating, titleWithin, usableTags } from './titles-and-tags.js';

/** The version of the form; a file without it was written by another program. */
const VERSION = 1;
const MOST_TAGS = 1000;

/** What the gallery knows of a picture and its file does not say: written beside it by an export, read again by an import. */
export interface Notes {
  /** Of the picture they were written for, in hex; null if it does not say. */
  readonly sha256: string | null;
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
  const { sha256, title, tags, rating, favorite } = fields;
  return {
    sha256: typeof sha256 === 'string' ? sha256 : null,
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

/** A date in ISO 8601 that is not to come. */
function pastDate(text: unknown): Date | null {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text)) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : new Date(Math.min(time, Date.now()));
}
