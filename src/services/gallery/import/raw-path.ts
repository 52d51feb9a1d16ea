import { isUtf8 } from 'node:buffer';
import { join, sep } from 'node:path';

/** A path as the system has it: bytes where its name is not UTF-8, which a string could not give back. */
export type RawPath = string | Buffer;

/** A path for people and programs to read: what is not UTF-8 is shown as U+FFFD. */
export const shownPath = (path: RawPath): string => (typeof path === 'string' ? path : path.toString('utf8'));

/** A name from a folder that was listed in bytes. */
export const toRawName = (name: Buffer): RawPath => (isUtf8(name) ? name.toString('utf8') : name);

export function joinRaw(folder: RawPath, name: RawPath): RawPath {
  if (typeof folder === 'string' && typeof name === 'string') return join(folder, name);
  return Buffer.concat([Buffer.from(folder), Buffer.from(sep), Buffer.from(name)]);
}
