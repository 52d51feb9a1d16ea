import { randomUUID } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const BEAT_MS = 2_000;
/** A holder on another machine or in another container cannot be asked: this long without a beat, and it is gone. */
const SILENT_MS = 20_000;

function holderOf(path) {
  try {
    return { ...JSON.parse(readFileSync(path, 'utf8')), age: Date.now() - statSync(path).mtimeMs };
  } catch {
    return null;
  }
}

function isGone(holder) {
  if (holder.age > SILENT_MS) return true;
  if (holder.host !== hostname()) return false;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

function tryTake(path, draft) {
  try {
    linkSync(draft, path); // the file appears with its content in one step
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Runs `work` while holding the lock file, waiting for another holder first; a lock left by a process that died is
 * taken over. Two set-ups of one clone therefore run one after the other, and the second finds everything done.
 */
export async function withLock(path, work, { onWait = () => {}, pollMs = 250 } = {}) {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}.tmp`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid, host: hostname() }));
  let told = false;
  try {
    while (!tryTake(path, draft)) {
      const holder = holderOf(path);
      if (holder !== null && isGone(holder)) {
        const aside = `${path}.${randomUUID()}.tmp`;
        try {
          renameSync(path, aside);
          // A faster taker may have come between: give it its lock back.
          const moved = holderOf(aside);
          if (moved !== null && !isGone(moved)) tryTake(path, aside);
        } catch (error) {
          if (error.code !== 'ENOENT') throw error;
        }
        rmSync(aside, { force: true });
        continue;
      }
      if (!told) onWait(holder);
      told = true;
      await sleep(pollMs);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  const beat = setInterval(() => {
    const now = new Date();
    if (existsSync(path)) utimesSync(path, now, now);
  }, BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if (holderOf(path)?.pid === process.pid) rmSync(path, { force: true });
  }
}
