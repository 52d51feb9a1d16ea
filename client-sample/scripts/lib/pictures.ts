import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** As the server reads them. */
const ENDINGS =
  /\.(jpe?g|jpe|jfif|png|webp|gif|avif|tiff?|hei[cf]|hif|jxl|bmp|dib|ico|ps[db]|dng|cr[23]|nef|arw|raf|orf)$/i;

export const isPicture = (path: string): boolean => ENDINGS.test(path);

/** Every picture file below a folder, in the order of their names. */
export async function picturesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && isPicture(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
