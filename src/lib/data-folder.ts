import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, messageOf } from '../errors.js';
import { TEMPORARY_SUFFIX } from './atomic-file.js';
import { acquireLock, type LockFile } from './lock-file.js';
import { storageFull } from './storage-full.js';

/**
 * Locks the data folder for this process, and removes what killed runs left: its temporary folder, and temporary files
 * in the data folder.
 * @param temporaryDir a folder below `dataDir`
 * @throws AppError DATA_LOCKED if another process holds it; STORAGE_FULL, STORAGE_FAILED
 */
export async function lockDataFolder(dataDir: string, temporaryDir: string): Promise<LockFile> {
  try {
    await mkdir(dataDir, { recursive: true });
    const lock = await acquireLock(join(dataDir, 'lock'));
    await rm(temporaryDir, { recursive: true, force: true });
    await mkdir(temporaryDir, { recursive: true });
    for (const name of await readdir(dataDir)) {
      if (name.endsWith(TEMPORARY_SUFFIX)) await rm(join(dataDir, name), { force: true });
    }
    return lock;
  } catch (error) {
    if (error instanceof AppError) throw error;
    const full = storageFull(error);
    if (full !== null) throw full;
    throw new AppError(
      'STORAGE_FAILED',
      `The data folder ${dataDir} cannot be written: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
