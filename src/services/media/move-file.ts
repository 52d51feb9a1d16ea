import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { copyAtomically, syncDirectory } from '../../lib/atomic-file.js';
import { errno } from './file-failure.js';

/** Moves a file, even to another file system (a folder may be a link or a mount). After a crash it is in either place or in both. */
export async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errno(error) !== 'EXDEV') throw error;
    await copyAtomically(from, to);
    await rm(from, { force: true });
  }
}

/** The same, but durable when it resolves. */
export async function moveFileDurably(from: string, to: string): Promise<void> {
  await moveFile(from, to);
  await syncDirectory(dirname(to));
}
