import { readFileSync } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../errors.js';
import { writeFileAtomically } from './atomic-file.js';
import { isBusy, Sqlite } from './sqlite.js';

/** Content of the note beside a lock: it names the holder, but is never itself a reason to refuse. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Start time of the process according to the kernel, to detect a reused pid. Null if unknown. */
  readonly startedAt: string | null;
  /** Absent in a lock file of an earlier version, in which the file itself was the lock. */
  readonly kernelLock?: true;
}

export interface LockFile {
  /** The last holder ended without releasing the lock, so its work may be incomplete. */
  readonly tookOver: boolean;
  release(): Promise<void>;
}

/** How long to retry, because a reader also holds the file for a moment. */
const PATIENCE_MS = 1000;

/** Keeps connections from being garbage-collected, which would release their locks. */
const held = new Set<Sqlite>();

/**
 * Takes the lock of the only process that writes here, and holds it until `release()` or until the process ends in any
 * way: the kernel holds it, as an exclusive SQLite transaction on `<path>.db`. `<path>` is a note that names the holder.
 * `release()` removes the note, so a remaining one shows a run that did not end cleanly.
 *
 * Nothing else may ever open `<path>.db`: closing any descriptor of a file releases this process's locks on it (fcntl).
 *
 * @throws AppError DATA_LOCKED if a process holds it; SqliteError if the file system has no locks
 */
export async function acquireLock(path: string): Promise<LockFile> {
  const lock = await lockExclusively(path);
  try {
    const left = await readHolder(path);
    if (left !== null && isAliveEarlierVersion(left)) throw lockedBy(left, path);
    const tookOver = (await identityOf(path)) !== null;
    const mine: Holder = {
      pid: process.pid,
      host: hostname(),
      startedAt: processStart(process.pid),
      kernelLock: true,
    };
    await writeFileAtomically(path, JSON.stringify(mine));
    return { tookOver, release: () => release(path, lock) };
  } catch (error) {
    free(lock);
    throw error;
  }
}

/** The process that holds the lock, or null. For readers: neither locks nor writes anything. */
export async function lockHolder(path: string): Promise<{ pid: number; host: string } | null> {
  const note = await readHolder(path);
  const holds = (await isLocked(path)) || (note !== null && isAliveEarlierVersion(note));
  return holds ? { pid: note?.pid ?? 0, host: note?.host ?? 'an unknown host' } : null;
}

const lockPath = (path: string): string => `${path}.db`;

async function lockExclusively(path: string): Promise<Sqlite> {
  const file = lockPath(path);
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    // Exclusive creation does not open an existing file.
    await writeFile(file, '', { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    const before = await identityOf(file);
    const lock = tryToLock(file);
    if (lock !== null) {
      // The previous holder may have removed the file after we opened it: then our lock protects nothing.
      if (before !== null && (await identityOf(file)) === before) return lock;
      free(lock);
    } else {
      const holder = await readHolder(path);
      if ((holder !== null && isRunning(holder)) || performance.now() > deadline)
        throw lockedBy(holder, path);
    }
    await delay(10 + Math.random() * 40); // two processes in step would keep each other out
  }
}

function tryToLock(file: string): Sqlite | null {
  const lock = new Sqlite(file);
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE'); // without a journal file
    held.add(lock);
    return lock;
  } catch (error) {
    lock.close();
    if (isBusy(error)) return null;
    throw error;
  }
}

/** Tries to read it, which an exclusive transaction prevents. */
async function isLocked(path: string): Promise<boolean> {
  const file = lockPath(path);
  if ((await identityOf(file)) === null) return false; // opening would create it
  const asking = new Sqlite(file);
  try {
    asking.exec('SELECT count(*) FROM sqlite_master');
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    asking.close();
  }
}

async function release(path: string, lock: Sqlite): Promise<void> {
  if (!held.has(lock)) return;
  try {
    await rm(path, { force: true });
    await rm(lockPath(path), { force: true }).catch(() => {}); // Windows keeps open files, which does no harm
  } finally {
    free(lock);
  }
}

function free(lock: Sqlite): void {
  held.delete(lock);
  lock.close();
}

/** Identity of the file at a path; null if there is none. */
async function identityOf(path: string): Promise<string | null> {
  try {
    const { dev, ino, birthtimeNs } = await stat(path, { bigint: true });
    return `${dev}:${ino}:${birthtimeNs}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

/** Whether a process of this host runs an earlier version, in which the file itself is the lock. */
const isAliveEarlierVersion = (holder: Holder): boolean => holder.kernelLock !== true && isRunning(holder);

/** Whether a holder is known to be alive. That cannot be known of another host. */
function isRunning({ pid, host, startedAt }: Holder): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return startedAt === null || processStart(pid) === startedAt;
}

/** Field 22 of /proc/<pid>/stat (proc(5)): start time in clock ticks since boot. Null on systems without /proc. */
function processStart(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function lockedBy(holder: Holder | null, path: string): AppError {
  const who = holder === null ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  return new AppError(
    'DATA_LOCKED',
    `The data folder is in use by ${who}. Stop that process, or use its API instead (${path}).`,
    { details: { ...(holder && { pid: holder.pid, host: holder.host }), path } },
  );
}
