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
  /** Where a picture's file belongs; its folder is there when it resolves. */
  readonly place: (file: StoredFile) => Promise<string>;
  readonly dropThumbnails: (sha256: string) => Promise<void>;
}

/**
 * Decides what a run that did not end cleanly has left.
 *
 * - A file whose picture is in the catalog, without an intact one in its place, goes there, whatever run it is of: an
 *   addition was cut off after its commit, or a removal before it.
 * - Of the last run of this catalog, a file without a row is removed: the addition was never acknowledged, or the
 *   removal was asked for.
 * - Everything else is left alone.
 *
 * @param lastRun that this catalog saw
 */
export async function settleRuns(parts: Parts, lastRun: string | null): Promise<void> {
  const { dir, logger } = parts;
  const runs = await runFolders(dir);
  for (const run of runs) await settleRun(parts, join(dir, STAGED, run), run === lastRun);
  // No folder of the last run: it ended cleanly. One that knew no runs yet may have ended in any way.
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

/** What was being written when the process ended, of older versions, and of thumbnails. */
async function removeTemporaries(dir: string): Promise<number> {
  let removed = 0;
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !isTemporaryName(entry.name)) continue;
    if (join(entry.parentPath, '..') === join(dir, STAGED)) continue; // of some run, decided above
    await rm(join(entry.parentPath, entry.name), { force: true });
    removed++;
  }
  return removed;
}
