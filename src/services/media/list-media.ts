import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { slashPath } from '../../lib/slash-path.js';
import { isNotFound } from './file-failure.js';
import { fileName, folderName, isFolderName, isPictureName, parseFileName } from './file-name.js';
import { STAGED } from './run-folder.js';
import type { FoundFile } from './types.js';

/**
 * Every picture file below the media folder, folder by folder. Hidden files and folders are left out, and files without
 * the name of a picture, which are not ours to judge.
 * @param without absolute paths of folders to skip
 */
export async function* listMedia(
  dir: string,
  without: readonly (string | null)[],
): AsyncGenerator<readonly FoundFile[]> {
  for (const folders = [dir]; ;) {
    const folder = folders.shift();
    if (folder === undefined) return;
    const found: FoundFile[] = [];
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      if (folder === dir || !isNotFound(error)) throw error;
      return []; // it disappeared meanwhile
    });
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const path = join(folder, entry.name);
      // Links are followed only where our own folders may be links; others may lead anywhere.
      const isOurs = folder === dir && (isFolderName(entry.name) || entry.name === STAGED);
      if (entry.isDirectory() || (entry.isSymbolicLink() && isOurs)) {
        if (!without.includes(path)) folders.push(path);
      } else if (entry.isFile() && isPictureName(entry.name)) found.push(describe(dir, path, entry.name));
    }
    if (found.length > 0) yield found;
  }
}

function describe(dir: string, path: string, name: string): FoundFile {
  const claim = parseFileName(name);
  return {
    path,
    name: slashPath(dir, path),
    claim,
    inPlace:
      claim !== null && path === join(dir, folderName(claim.sha256), fileName(claim.sha256, claim.format)),
  };
}
