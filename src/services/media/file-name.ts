import { TEMPORARY_SUFFIX } from '../../lib/atomic-file.js';
import { FORMATS, hasPictureEnding, isImageFormat } from './format.js';
import type { StoredFile } from './types.js';

const FORMAT_BY_EXTENSION: ReadonlyMap<string, string> = new Map(
  Object.entries(FORMATS).map(([format, { extension }]) => [extension, format]),
);

/** `<sha256>.<extension>` */
export const fileName = (sha256: string, format: string): string =>
  `${sha256}.${isImageFormat(format) ? FORMATS[format].extension : format}`;

/** The subfolder of the media folder: the first two digits, so that each has about 1/256 of the files. */
export const folderName = (sha256: string): string => sha256.slice(0, 2);

export const isFolderName = (name: string): boolean => /^[0-9a-f]{2}$/.test(name);

export function parseFileName(name: string): StoredFile | null {
  const [, sha256, extension] = /^([0-9a-f]{64})\.(\w+)$/.exec(name) ?? [];
  const format = extension === undefined ? undefined : FORMAT_BY_EXTENSION.get(extension);
  return sha256 !== undefined && format !== undefined ? { sha256, format } : null;
}

/** Whether this is the name of an unfinished file of `writeFileAtomically`, for one of our files. */
export const isTemporaryName = (name: string): boolean =>
  /^[0-9a-f]{64}\./.test(name) && name.endsWith(TEMPORARY_SUFFIX);

/** Whether a file of this name may be a picture that somebody put into the folder. */
export const isPictureName = (name: string): boolean => !name.startsWith('.') && hasPictureEnding(name);
