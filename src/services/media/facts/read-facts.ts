import { withinTime } from '../../../lib/within-time.js';
import { cleanName, cutText, foldText } from '../../../lib/text.js';
import { blocksOf, sidecarBlock } from './blocks.js';
import { readDate } from './dates.js';
import { readTags, type Tags } from './read-tags.js';
import type { Exposure, PictureFacts, Place, TakenAt } from './types.js';

const MOST_NAME = 100;
const MOST_TITLE = 200;
const MOST_KEYWORDS = 50;
const MOST_KEYWORD = 64;
/** Keywords that are read; of thousands the first will do. */
const MOST_LOOKED_AT = 500;
/** Characters of a text that are read. */
const MOST_TEXT = 10_000;
/** Reading takes milliseconds, unless a file was crafted to take long. */
const TIMEOUT_MS = 5000;

export const NO_FACTS: PictureFacts = {
  taken: null,
  camera: null,
  lens: null,
  exposure: { time: null, fNumber: null, iso: null, focalLength: null },
  orientation: null,
  place: null,
  title: null,
  keywords: [],
  rating: null,
};

export interface FactsOptions {
  /** The text of an `.xmp` file beside the picture; it takes precedence over metadata in the picture. */
  readonly sidecar?: string | undefined;
}

/**
 * Reads the metadata of a picture from EXIF, XMP and IPTC, in this order (for titles, keywords and ratings XMP first,
 * since programs write changes there). Never throws because of a file's content; values out of bounds are ignored.
 */
export function readFacts(bytes: Uint8Array, options: FactsOptions = {}): PictureFacts {
  try {
    return withinTime(TIMEOUT_MS, () => read(bytes, options));
  } catch {
    return NO_FACTS;
  }
}

function read(bytes: Uint8Array, { sidecar }: FactsOptions): PictureFacts {
  const beside = sidecar === undefined ? null : readTags(sidecarBlock(sidecar));
  const within = blocksOf(bytes).flatMap((block) => readTags(block) ?? []);
  const all = beside === null ? within : [beside, ...within];
  return {
    taken: first(all, takenOf),
    camera: first(all, cameraOf),
    lens: first(all, (tags) => nameOf(tags.exif('LensModel')) ?? nameOf(tags.xmp('Lens'))),
    exposure: exposureOf(all),
    orientation: first(all, (tags) => numberIn(tags.exif('Orientation'), 1, 8, true)),
    place: first(all, placeOf),
    title: first(all, titleOf),
    keywords: keywordsOf(all),
    rating: first(all, (tags) => ratingOf(tags.xmp('Rating')) ?? ratingOf(tags.exif('Rating'))),
  };
}

function first<T>(all: readonly Tags[], read: (tags: Tags) => T | null): T | null {
  for (const tags of all) {
    const found = read(tags);
    if (found !== null) return found;
  }
  return null;
}

function takenOf(tags: Tags): TakenAt | null {
  const exif = (kind: 'Original' | 'Digitized'): TakenAt | null =>
    readDate(
      textOf(tags.exif(`DateTime${kind}`)),
      textOf(tags.exif(`OffsetTime${kind}`)),
      textOf(tags.exif(`SubSecTime${kind}`)),
    );
  const xmp = (name: string): TakenAt | null => readDate(textOf(tags.xmp(name)), null, null);
  const iptcTime = textOf(tags.shown('iptc', 'Time Created'));
  const iptcDate = textOf(tags.shown('iptc', 'Date Created'));
  return (
    exif('Original') ??
    xmp('DateTimeOriginal') ??
    xmp('DateCreated') ??
    exif('Digitized') ??
    readDate(`${iptcDate ?? ''}${iptcTime === null ? '' : ` ${iptcTime}`}`, null, null) ??
    readDate(iptcDate, null, null)
  );
}

/** Many makers begin the model with their name, which is then not repeated. */
function cameraOf(tags: Tags): string | null {
  const make = nameOf(tags.exif('Make')) ?? nameOf(tags.xmp('Make'));
  const model = nameOf(tags.exif('Model')) ?? nameOf(tags.xmp('Model'));
  if (make === null || model === null) return model ?? make;
  const [maker = ''] = make.split(' ');
  return model.toLowerCase().startsWith(maker.toLowerCase()) ? model : nameOf(`${make} ${model}`);
}

function exposureOf(all: readonly Tags[]): Exposure {
  const read = (name: string, most: number, whole = false): number | null =>
    first(all, (tags) => numberIn(tags.exif(name), Number.MIN_VALUE, most, whole));
  return {
    time: read('ExposureTime', 100_000),
    fNumber: read('FNumber', 1000),
    iso: read('ISOSpeedRatings', 1e8, true),
    focalLength: read('FocalLength', 100_000),
  };
}

function placeOf({ gps }: Tags): Place | null {
  const latitude = numberIn(gps.Latitude, -90, 90);
  const longitude = numberIn(gps.Longitude, -180, 180);
  if (latitude === null || longitude === null) return null;
  // Devices without a GPS fix write zeros.
  if (latitude === 0 && longitude === 0) return null;
  return { latitude, longitude, altitude: numberIn(gps.Altitude, -12_000, 100_000) };
}

function titleOf(tags: Tags): string | null {
  const texts = [tags.xmp('title'), tags.shown('iptc', 'Object Name'), tags.shown('exif', 'XPTitle')];
  for (const text of texts) {
    const title = lineOf(textOf(text), MOST_TITLE);
    if (title !== null) return title;
  }
  return null;
}

function keywordsOf(all: readonly Tags[]): string[] {
  const found = new Map<string, string>();
  for (const tags of all) {
    const lists = [
      listOf(tags.xmp('subject')),
      listOf(tags.shown('iptc', 'Keywords')),
      (textOf(tags.shown('exif', 'XPKeywords')) ?? '').split(';'),
    ];
    for (const text of lists.flatMap((list) => list.slice(0, MOST_LOOKED_AT))) {
      const keyword = lineOf(textOf(text), MOST_KEYWORD);
      if (keyword === null) continue;
      const key = foldText(keyword);
      if (!found.has(key)) found.set(key, keyword);
      if (found.size === MOST_KEYWORDS) return [...found.values()];
    }
  }
  return [...found.values()];
}

/** Absent, 0 (not rated) and -1 (rejected) all give null. */
const ratingOf = (value: unknown): number | null => numberIn(value, 1, 5, true);

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

const nameOf = (value: unknown): string | null => lineOf(textOf(value), MOST_NAME);

/** A text as one line, cut to length; null if nothing in it is visible. */
function lineOf(text: string | null, most: number): string | null {
  const line = cutText(cleanName((text ?? '').slice(0, MOST_TEXT)), most).trim();
  return line === '' ? null : line;
}

/** The text itself, or the first of a list; of several languages that is the default. */
function textOf(value: unknown): string | null {
  let one = value;
  for (let depth = 0; depth < 3; depth++) {
    if (Array.isArray(one)) one = one[0] as unknown;
    else if (typeof one === 'object' && one !== null && 'value' in one) one = one.value;
  }
  return typeof one === 'string' ? one : null;
}

/** @returns null if it is not a number or out of bounds */
function numberIn(value: unknown, least: number, most: number, whole = false): number | null {
  const one = Array.isArray(value) ? (value[0] as unknown) : value;
  const number = typeof one === 'string' && one.trim() !== '' ? Number(one) : one;
  if (typeof number !== 'number' || !(number >= least && number <= most)) return null;
  return whole && !Number.isInteger(number) ? null : number;
}
