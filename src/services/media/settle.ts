import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../logger.js';
import { isTemporaryName, parseFileName } from './file-name.js';
import { moveFileDurably } from './move-file.js';
import { removeWhenEmpty, runFolders, STAGED } from './run-folder.js';
import type { MediaRows, StoredFile } from './types.js';
import type { VerifiedFiles } from './verified-files.js';

interface Parts {
  /** MEDIA_DIR */
  readonly dir: string;
  readonly rows: MediaRows;
  readonly verified: VerifiedFiles;
  readonly logger: Logger;
  /** Where a picture's file belongs; its folder exists when it resolves. */
  readonly place: (file: StoredFile) => Promise<string>;
  readonly dropThumbnails: (sha256: string) => Promise<void>;
}

/**
 * Settles what a run that did not end cleanly has left.
 *
 * - A file of any run whose picture is in the catalog and lacks an intact file is moved to its place: an addition was
 *   interrupted after its commit, or a removal before it.
 * - A file without a row is removed if it is of this catalog's last run: the addition was never acknowledged, or the
 *   removal was requested.
 * - Everything else is left alone.
 *
 * @param lastRun the last run that this catalog recorded
 */
export async function settleRuns(parts: Parts, lastRun: string | null): Promise<void> {
  const { dir, logger } = parts;
  const runs = await runFolders(dir);
  for (const run of runs) await settleRun(parts, join(dir, STAGED, run), run === lastRun);
  // Without a folder, the last run ended cleanly. A version that did not record runs may have ended in any way.
  if (lastRun === null || runs.includes(lastRun)) {
    const removed = await removeTemporaries(dir);
    if (lastRun !== null) logger.warn({ temporaries: removed }, 'the last run did not end cleanly');
  }
}

async function settleRun(parts: Parts, folder: string, isLast: boolean): Promise<void> {
  const { rows, verified, place, dropThumbnails } = parts;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const file = parseFileName(name);
    if (file === null) {
      if (isLast && isTemporaryName(name)) await rm(path, { force: true });
      continue;
    }
    if ((await rows.formatOf(file.sha256)) !== file.format) {
      if (!isLast) continue;
      await rm(path, { force: true });
      await dropThumbnails(file.sha256);
      continue;
    }
    const target = await place(file);
    if ((await verified.state(target, file.sha256)) === 'intact') {
      if (isLast) await rm(path, { force: true });
    } else if ((await verified.state(path, file.sha256)) === 'intact') {
      await moveFileDurably(path, target);
      await dropThumbnails(file.sha256);
    }
  }
  if (isLast) await removeWhenEmpty(folder);
}

/** Removes files that were being written when the process ended: those of older versions, and thumbnails. */
async function removeTemporaries(dir: string): Promise<number> {
  let removed = 0;
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !isTemporaryName(entry.name)) continue;
    if (join(entry.parentPath, '..') === join(dir, STAGED)) continue; // of some run, settled above
    await rm(join(entry.parentPath, entry.name), { force: true });
    removed++;
  }
  return removed;
}
