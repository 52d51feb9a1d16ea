import { createHash } from 'node:crypto';
import { lstat, open, stat } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { isNotFound } from './file-failure.js';

export type FileState = 'intact' | 'changed' | 'missing';

const CHUNK_BYTES = 256 * 1024;

/** Files whose last check is remembered. */
const KEPT = 50_000;

/**
 * Checks whether files have the content that they should have. A file is read once; while its size, times and inode stay
 * the same, later checks only compare those.
 */
export class VerifiedFiles {
  /** By path: the stamp that the file had when its content was right. Oldest first. */
  readonly #intact = new Map<string, string>();
  /** By hash and path. */
  readonly #underWay = new Map<string, Promise<FileState>>();

  /** @throws NodeJS.ErrnoException if the file exists but cannot be read */
  async state(path: string, sha256: string): Promise<FileState> {
    let stamp: string;
    try {
      stamp = stampOf(await stat(path, { bigint: true }), sha256);
    } catch (error) {
      if (isNotFound(error)) return 'missing';
      throw error;
    }
    if (this.#intact.get(path) === stamp) return 'intact';
    // Including the hash, since a library's file may belong to another picture a moment later.
    const key = `${sha256} ${path}`;
    let checking = this.#underWay.get(key);
    if (checking === undefined) {
      checking = this.#check(path, sha256).finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, checking);
    }
    return checking;
  }

  async #check(path: string, sha256: string): Promise<FileState> {
    this.#intact.delete(path);
    const found = await hashFile(path);
    if (found === null) return 'missing';
    if (found.sha256 !== sha256) return 'changed';
    if (found.stamp !== null) {
      const [oldest] = this.#intact.keys();
      if (this.#intact.size >= KEPT && oldest !== undefined) this.#intact.delete(oldest);
      this.#intact.set(path, `${found.stamp} ${sha256}`);
    }
    return 'intact';
  }
}

/** Runs `look` on a user's file if it is still a regular one: a link may lead elsewhere, a FIFO would wait for a writer. */
export async function ifRegular(
  path: string,
  look: (path: string) => Promise<FileState>,
): Promise<FileState> {
  return (await lstat(path)).isFile() ? look(path) : 'missing';
}

interface Hashed {
  readonly sha256: string;
  /** Its stamp before and after reading; null if that changed. */
  readonly stamp: string | null;
}

/** @returns null if there is no such file */
export async function hashFile(path: string): Promise<Hashed | null> {
  const handle = await open(path).catch((error: unknown) => {
    if (isNotFound(error)) return null;
    throw error;
  });
  if (handle === null) return null;
  try {
    const before = stampOf(await handle.stat({ bigint: true }));
    const hash = createHash('sha256');
    // Most pictures are read at once; a stream would cost more than the hash.
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let read; (read = (await handle.read(buffer, 0, CHUNK_BYTES)).bytesRead) > 0;)
      hash.update(buffer.subarray(0, read));
    const after = stampOf(await handle.stat({ bigint: true }));
    return { sha256: hash.digest('hex'), stamp: before === after ? after : null };
  } finally {
    await handle.close();
  }
}

/** Includes the inode's change time, which, unlike the modification time, nobody can set. */
function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats, sha256?: string): string {
  const stamp = [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  return sha256 === undefined ? stamp : `${stamp} ${sha256}`;
}
