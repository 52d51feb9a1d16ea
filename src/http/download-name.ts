import { extname } from 'node:path';
import type { ImageRow } from '../services/catalog/types.js';

const MAX_LENGTH = 120;

/** What no file may be called on Windows, whatever its ending. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** A name as far as every system takes it for a file, or else `otherwise`. */
export function fileNameOf(name: string, otherwise: string): string {
  const clean = name.replace(/[\\/:*?"<>|\p{Cc}\p{Cf}]/gu, '_').replace(/^[.\s]+|[.\s]+$/g, '');
  const short = [...clean].slice(0, MAX_LENGTH).join('').trimEnd();
  return short === '' || DEVICE.test(short) ? otherwise : short;
}

/** What a picture is called as a file: its title, with the ending of another name. */
export function downloadName({ id, title }: Pick<ImageRow, 'id' | 'title'>, endingOf: string): string {
  const ending = extname(endingOf);
  const bare = title.replace(new RegExp(`\\${ending}$`, 'i'), '');
  return `${fileNameOf(bare, `picture-${id}`)}${ending}`;
}
