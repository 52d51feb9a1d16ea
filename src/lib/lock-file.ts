import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { AppError } from '../errors.js';
import { TEMPORARY_SUFFIX } from './atomic-file.js';

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Start time of the process as the kernel counts it: tells a reused pid from the old one. Null where unknown. */
  readonly startedAt: string | null;
}

export interface LockFile {
  /** The last holder ended without releasing it: what it was doing may be half done. */
  readonly tookOver: boolean;
  release(): Promise<void>;
}

/** Field 22 of /proc/<pid>/stat (proc(5)): start time in clock ticks since boot. Null on systems without /proc. */
function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true; // another machine's process cannot be asked: believe the file
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return holder.startedAt === null || processStart(holder.pid) === holder.startedAt;
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

/** The living process that holds the lock, or null. For those who only read; never a reason to write. */
export async function lockHolder(path: string): Promise<{ pid: number; host: string } | null> {
  const holder = await readHolder(path);
  return holder !== null && isAlive(holder) ? { pid: holder.pid, host: holder.host } : null;
}

/**
 * Takes the lock that says "one process writes here", and keeps it until `release()` or the process ends.
 * A lock left by a process that no longer runs (kill -9, power cut) is taken over.
 *
 * The file appears with its content in one step (`link`), so nobody ever reads half a holder; a stale file is
 * moved aside under a name of our own and looked at again, so that a taker who was faster is not thrown out.
 *
 * @throws AppError DATA_LOCKED when a living process holds it
 */
export async function acquireLock(path: string): Promise<LockFile> {
  const mine: Holder = { pid: process.pid, host: hostname(), startedAt: processStart(process.pid) };
  const draft = `${path}.${process.pid}${TEMPORARY_SUFFIX}`;
  const aside = `${path}.${process.pid}.stale${TEMPORARY_SUFFIX}`;
  await writeFile(draft, JSON.stringify(mine));
  let tookOver = false;
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      if (await linkExclusive(draft, path)) return { tookOver, release: () => release(path, mine) };
      const holder = await readHolder(path);
      if (holder !== null && isAlive(holder)) throw lockedBy(holder, path);
      await rename(path, aside).catch(() => {});
      const moved = await readHolder(aside);
      if (moved !== null && isAlive(moved)) {
        await linkExclusive(aside, path);
        throw lockedBy(moved, path);
      }
      tookOver = true;
    }
    throw new AppError('DATA_LOCKED', `The data folder's lock could not be taken (${path}).`, {
      details: { path },
    });
  } finally {
    await Promise.all([rm(draft, { force: true }), rm(aside, { force: true })]);
  }
}

async function linkExclusive(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function release(path: string, mine: Holder): Promise<void> {
  const holder = await readHolder(path);
  if (holder?.pid === mine.pid && holder.startedAt === mine.startedAt) await rm(path, { force: true });
}

function lockedBy(holder: Holder, path: string): AppError {
  return new AppError(
    'DATA_LOCKED',
    `The data folder is in use by process ${holder.pid} on ${holder.host}. Stop that process, or use its API instead (${path}).`,
    { details: { pid: holder.pid, host: holder.host, path } },
  );
}
