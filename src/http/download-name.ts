import { extname } from 'node:path';
import type { ImageRow } from '../services/catalog/types.js';

const MAX_LENGTH = 120;

/** What no file may be called on Windows, whatever its ending. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** What a picture is called as a file: its title, as far as every system takes it, with the ending of another name. */
export function downloadName({ id, title }: Pick<ImageRow, 'id' | 'title'>, endingOf: string): string {
  const ending = extname(endingOf);
  const clean = title
    .replace(/[\\/:*?"<>|\p{Cc}\p{Cf}]/gu, '_')
    .replace(new RegExp(`\\${ending}$`, 'i'), '')
    .replace(/^[.\s]+|[.\s]+$/g, '');
  const short = [...clean].slice(0, MAX_LENGTH).join('').trimEnd();
  return `${short === '' || DEVICE.test(short) ? `picture-${id}` : short}${ending}`;
}
