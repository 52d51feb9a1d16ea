import { isUtf8 } from 'node:buffer';
import { join, sep } from 'node:path';

/** A path as the system has it: bytes if its name is not UTF-8, since a string could not represent it. */
export type RawPath = string | Buffer;

/** A path for display: invalid UTF-8 becomes U+FFFD. */
export const shownPath = (path: RawPath): string => (typeof path === 'string' ? path : path.toString('utf8'));

/** Converts a name from a folder that was listed as bytes. */
export const toRawName = (name: Buffer): RawPath => (isUtf8(name) ? name.toString('utf8') : name);

export function joinRaw(folder: RawPath, name: RawPath): RawPath {
  if (typeof folder === 'string' && typeof name === 'string') return join(folder, name);
  return Buffer.concat([Buffer.from(folder), Buffer.from(sep), Buffer.from(name)]);
}
