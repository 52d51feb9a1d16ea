import createIgnore, { type Ignore } from 'ignore';
import { check } from '../../../lib/check.js';

export const IGNORE_FILE = '.likenessignore';
/** In a library's root: tells an empty folder from one whose disk is not there. The only file written to a library. */
export const MARKER_FILE = '.likeness-library';
export const MAX_EXCLUDES = 100;
const MAX_PATTERN_LENGTH = 400;
/** With more, a regular expression can take seconds for one name. */
const MAX_STARS = 4;

/** The `ignore` package caches every path it tests; after this many it is recreated. */
const MAX_REMEMBERED = 10_000;

/** Folders of systems, devices and other programs, in lower case: previews, recycle bins, file system data. */
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
/** Photo libraries of other programs: folders that look like a file and contain pictures several times. */
const LIBRARY = /\.(photoslibrary|aplibrary|migratedphotolibrary|lrdata)$/;

export function isSystemFolder(name: string): boolean {
  const lower = name.toLowerCase();
  return SYSTEM_FOLDERS.has(lower) || LIBRARY.test(lower);
}

/** Patterns as in .gitignore, for paths below one folder; case is ignored. */
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
   * The result of the last matching pattern; null if none matches.
   * @param relative path below the folder, separated by /, with a trailing / for a folder
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

/** The patterns of an ignore file, one per line. @throws AppError BAD_USER_INPUT */
export const patternsOf = (text: string): Patterns =>
  new Patterns(text.replace(/^\ufeff/, '').split(/\r?\n/), 'line');

/** The patterns of a caller. @throws AppError BAD_USER_INPUT */
export function excludePatterns(exclude: readonly string[]): Patterns {
  check(exclude.length <= MAX_EXCLUDES, 'exclude', `at most ${MAX_EXCLUDES} patterns`);
  return new Patterns(exclude, 'exclude');
}

/** The patterns that apply in a folder, by precedence: the caller's, the folder's own ignore file, those above it. */
export type FolderRules = readonly {
  readonly patterns: Patterns;
  /** Path of the folder below the one that the patterns are for: '' or with a trailing /. */
  readonly prefix: string;
}[];

/** @param name of an entry of the folder, with a trailing / for a folder */
export function isExcluded(rules: FolderRules, name: string): boolean {
  for (const { patterns, prefix } of rules) {
    const verdict = patterns.excludes(prefix + name);
    if (verdict !== null) return verdict;
  }
  return false;
}

/** The rules of a subfolder. */
export const rulesBelow = (rules: FolderRules, name: string): FolderRules =>
  rules.map(({ patterns, prefix }) => ({ patterns, prefix: `${prefix}${name}/` }));

/** Adds the patterns of the folder's own ignore file. */
export const withIgnoreFile = ([callers, ...above]: FolderRules, own: Patterns): FolderRules => [
  ...(callers === undefined ? [] : [callers]),
  { patterns: own, prefix: '' },
  ...above,
];
