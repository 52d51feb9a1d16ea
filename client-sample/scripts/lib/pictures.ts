import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasPictureEnding } from '../../src/lib/picture-formats.js';

export const isPicture = hasPictureEnding;

/** Every picture file below a folder, in the order of their names. */
export async function picturesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && isPicture(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
