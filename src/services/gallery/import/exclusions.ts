import createIgnore, { type Ignore } from 'ignore';
import { check } from '../../../lib/check.js';

export const IGNORE_FILE = '.likenessignore';
/** In a library's root: tells an empty folder from one whose disk is not there. The only file written to a library. */
export const MARKER_FILE = '.likeness-library';
export const MAX_EXCLUDES = 100;
const MAX_PATTERN_LENGTH = 400;
/** With more of them one name can take a regular expression seconds. */
const MAX_STARS = 4;

/** The library remembers every path it was asked about; after this many it starts anew. */
const MAX_REMEMBERED = 10_000;

/** Folders of systems, devices and other programs, in lower case: previews, recycle bins, what file systems keep. */
const SYSTEM_FOLDERS = new Set([
  '@eadir',
  '@recycle',
  '@recently-snapshot',
  '#recycle',
  '#snapshot',
  '$recycle.bin',
  'system volume information',
  'lost+found',
  '.thumbnails',
]);
/** Libraries of programs that look like one file and hold pictures several times over. */
const LIBRARY = /\.(photoslibrary|aplibrary|migratedphotolibrary|lrdata)$/;

export function isSystemFolder(name: string): boolean {
  const lower = name.toLowerCase();
  return SYSTEM_FOLDERS.has(lower) || LIBRARY.test(lower);
}

/** Patterns with the rules of .gitignore, for paths below one folder; capital and small letters are the same. */
export class Patterns {
  readonly #patterns: readonly string[];
  #ignore: Ignore;
  #remembered = 0;

  /**
   * @param path of the argument, for the error
   * @throws AppError BAD_USER_INPUT
   */
  constructor(patterns: readonly string[], path: string) {
    patterns.forEach((pattern, i) => {
      check(
        pattern.length <= MAX_PATTERN_LENGTH,
        `${path}[${i}]`,
        `at most ${MAX_PATTERN_LENGTH} characters`,
      );
      const stars = pattern.match(/\*+/g)?.length ?? 0;
      check(stars <= MAX_STARS, `${path}[${i}]`, `at most ${MAX_STARS} times * or **`);
    });
    this.#patterns = patterns;
    this.#ignore = createIgnore().add(patterns);
  }

  /**
   * What the last pattern that fits says; null when none does.
   * @param relative path below the folder, with /, and with one at its end for a folder
   */
  excludes(relative: string): boolean | null {
    if (++this.#remembered > MAX_REMEMBERED) {
      this.#remembered = 0;
      this.#ignore = createIgnore().add(this.#patterns);
    }
    const { ignored, unignored } = this.#ignore.test(relative);
    return ignored || unignored ? ignored : null;
  }
}

/** The patterns of an ignore file, a line each. @throws AppError BAD_USER_INPUT */
export const patternsOf = (text: string): Patterns =>
  new Patterns(text.replace(/^\ufeff/, '').split(/\r?\n/), 'line');

/** What a caller wants left out. @throws AppError BAD_USER_INPUT */
export function excludePatterns(exclude: readonly string[]): Patterns {
  check(exclude.length <= MAX_EXCLUDES, 'exclude', `at most ${MAX_EXCLUDES} patterns`);
  return new Patterns(exclude, 'exclude');
}

/** What holds in a folder, the most telling first: the caller's patterns, the folder's own ignore file, those above it. */
export type FolderRules = readonly {
  readonly patterns: Patterns;
  /** Of the folder below the one that the patterns are for; '' or with / at its end. */
  readonly prefix: string;
}[];

/** @param name of an entry of the folder, with / at its end for a folder */
export function isExcluded(rules: FolderRules, name: string): boolean {
  for (const { patterns, prefix } of rules) {
    const verdict = patterns.excludes(prefix + name);
    if (verdict !== null) return verdict;
  }
  return false;
}

/** The rules of a folder of the folder that `rules` are for. */
export const rulesBelow = (rules: FolderRules, name: string): FolderRules =>
  rules.map(({ patterns, prefix }) => ({ patterns, prefix: `${prefix}${name}/` }));

/** With those of the folder's own ignore file. */
export const withIgnoreFile = ([callers, ...above]: FolderRules, own: Patterns): FolderRules => [
  ...(callers === undefined ? [] : [callers]),
  { patterns: own, prefix: '' },
  ...above,
];
