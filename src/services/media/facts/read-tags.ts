import { DOMParser, onErrorStopParsing } from '@xmldom/xmldom';
import ExifReader, { type ExpandedTags } from 'exifreader';
import type { Block } from './blocks.js';

/** Longer XMP is ignored: its tree takes about thirty times its length. */
const MOST_XMP = 512 << 10;
/** The parser's time grows with the square of their number. Programs write at most about a hundred. */
const MOST_ATTRIBUTES = 1000;
const MOST_NAMESPACES = 500;

const parser = new DOMParser({ onError: onErrorStopParsing });

const OPTIONS = {
  expanded: true,
  computed: true,
  includeTags: {
    exif: [
      'Make',
      'Model',
      'LensMake',
      'LensModel',
      'Orientation',
      'DateTimeOriginal',
      'OffsetTimeOriginal',
      'SubSecTimeOriginal',
      'DateTimeDigitized',
      'OffsetTimeDigitized',
      'SubSecTimeDigitized',
      'ExposureTime',
      'FNumber',
      'ISOSpeedRatings',
      'FocalLength',
      'Rating',
      'XPTitle',
      'XPKeywords',
    ],
    iptc: ['Object Name', 'Keywords', 'Date Created', 'Time Created'],
    xmp: true,
    gps: true,
  },
  domParser: {
    parseFromString(text: string, type: string) {
      assertTame(text);
      return parser.parseFromString(text, type);
    },
  },
} as const;

/** @throws RangeError for text that would take the parser too long */
function assertTame(text: string): void {
  const count = (part: string, what: string): number => part.split(what).length - 1;
  const isTame =
    text.length <= MOST_XMP &&
    count(text, 'xmlns') <= MOST_NAMESPACES &&
    text.split('<').every((tag) => tag.length < MOST_ATTRIBUTES || count(tag, '=') <= MOST_ATTRIBUTES);
  if (!isTame) throw new RangeError('The XMP is too large.');
}

/** Tags of one block as plain values; undefined if absent. */
export interface Tags {
  exif(name: string): unknown;
  /** The value as shown to people. */
  shown(group: 'exif' | 'iptc', name: string): unknown;
  xmp(name: string): unknown;
  readonly gps: Readonly<Record<'Latitude' | 'Longitude' | 'Altitude', unknown>>;
}

/** @returns null for a block that cannot be read */
export function readTags(block: Block): Tags | null {
  let tags: ExpandedTags;
  try {
    // The types know only parsers of browsers.
    tags = ExifReader.load(
      Buffer.from(block.buffer, block.byteOffset, block.byteLength),
      OPTIONS as never,
    ) as ExpandedTags;
  } catch {
    return null; // it has no metadata, or only invalid ones
  }
  const groups = tags as unknown as Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;
  const field = (group: string, name: string, key: string): unknown => {
    const tag = groups[group]?.[name];
    if (Array.isArray(tag)) return tag.map((one: unknown) => keyOf(one, key));
    return keyOf(tag, key);
  };
  return {
    exif: (name) => field('exif', name, 'computed'),
    shown: (group, name) => field(group, name, 'description'),
    xmp: (name) => field('xmp', name, 'value'),
    gps: {
      Latitude: groups['gps']?.['Latitude'],
      Longitude: groups['gps']?.['Longitude'],
      Altitude: groups['gps']?.['Altitude'],
    },
  };
}

const keyOf = (tag: unknown, key: string): unknown =>
  typeof tag === 'object' && tag !== null ? (tag as Readonly<Record<string, unknown>>)[key] : undefined;
