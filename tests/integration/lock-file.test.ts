import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { acquireLock, lockHolder } from '../../src/lib/lock-file.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

let dir: string;
let path: string;

beforeEach(async () => {
  dir = await temporaryDir();
  path = join(dir, 'lock');
});

interface Taker {
  readonly child: ChildProcess;
  readonly said: string;
}

/** Another process that tries to take the lock. */
async function taker(): Promise<Taker> {
  const child = spawn(process.execPath, [resolve('tests/fixtures/lock-holder.mjs'), path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.on('error', () => {}); // one that did not get the lock may be gone before it is asked to end
  const [said] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, said };
}

async function end({ child }: Taker, signal?: NodeJS.Signals): Promise<void> {
  const exited = once(child, 'exit');
  if (signal === undefined) child.stdin?.end('\n');
  else child.kill(signal);
  if (child.exitCode === null && child.signalCode === null) await exited;
}

describe('one process', () => {
  test('a second taker is told who holds it, and gets it once it is released', async () => {
    const lock = await acquireLock(path);
    await expect(acquireLock(path)).rejects.toMatchObject({
      code: 'DATA_LOCKED',
      details: { pid: process.pid, host: hostname(), path },
    });
    await lock.release();
    await lock.release();
    expect(await readdir(dir)).toEqual([]);
    const again = await acquireLock(path);
    expect(again.tookOver).toBe(false);
    await again.release();
  });

  test('of many takers at once exactly one gets it', async () => {
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => acquireLock(path)));
    const [winner, ...others] = results.filter((result) => result.status === 'fulfilled');
    expect(others).toEqual([]);
    expect((await readdir(dir)).sort()).toEqual(['lock', 'lock.db']);
    await winner?.value.release();
  });
});

describe('the kernel holds it', () => {
  test('of processes that start at once exactly one gets it', async () => {
    const takers = await Promise.all(Array.from({ length: 6 }, taker));
    expect(takers.map(({ said }) => said).sort()).toEqual([
      ...Array<string>(5).fill('DATA_LOCKED'),
      'held false',
    ]);
    for (const one of takers) await end(one);
    expect(await readdir(dir)).toEqual([]);
  });

  test('it goes with a process that is killed, and the next one is told', async () => {
    const first = await taker();
    expect(first.said).toBe('held false');
    expect(await lockHolder(path)).toEqual({ pid: first.child.pid, host: hostname() });
    await end(first, 'SIGKILL');
    expect(await lockHolder(path)).toBeNull();
    const second = await taker();
    expect(second.said).toBe('held true');
    await end(second);
    expect((await acquireLock(path).then(async (lock) => (await lock.release(), lock))).tookOver).toBe(false);
  });

  test('whatever host name and pid the note of a process has that is gone: it is taken over', async () => {
    for (const note of [
      { pid: 1, host: 'elsewhere', startedAt: null },
      { pid: 1, host: 'elsewhere', startedAt: null, kernelLock: true },
      { pid: process.pid, host: hostname(), startedAt: null, kernelLock: true },
      'torn',
    ]) {
      await writeFile(path, note === 'torn' ? '{"pid": 12' : JSON.stringify(note));
      expect(await lockHolder(path)).toBeNull();
      const lock = await acquireLock(path);
      expect(lock.tookOver).toBe(true);
      expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid });
      await lock.release();
    }
  });

  test('a note that somebody removed or overwrote lets nobody in', async () => {
    const first = await taker();
    await writeFile(path, JSON.stringify({ pid: 99_999_999, host: hostname(), startedAt: null }));
    await expect(acquireLock(path)).rejects.toMatchObject({ code: 'DATA_LOCKED' });
    await end(first);
  });

  test('those who ask neither take it nor keep anybody from taking it', async () => {
    let asked = 0;
    let asking = true;
    const questions = (async () => {
      for (; asking; asked++) await lockHolder(path);
    })();
    for (let i = 0; i < 10; i++) await (await acquireLock(path)).release();
    const first = await taker();
    expect(first.said).toBe('held false');
    asking = false;
    await questions;
    expect(asked).toBeGreaterThan(0);
    await end(first);
    expect(existsSync(`${path}.db`)).toBe(false);
    expect(await lockHolder(path)).toBeNull();
    expect(await readdir(dir)).toEqual([]);
  });
});

describe('a lock file of an earlier version', () => {
  test('is respected as long as its process on this host lives, and taken over then', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    await writeFile(path, JSON.stringify({ pid: child.pid, host: hostname(), startedAt: null }));
    await expect(acquireLock(path)).rejects.toMatchObject({
      code: 'DATA_LOCKED',
      details: { pid: child.pid },
    });
    expect(await lockHolder(path)).toEqual({ pid: child.pid, host: hostname() });
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    const lock = await acquireLock(path);
    expect(lock.tookOver).toBe(true);
    await lock.release();
  });

  test('a pid given to another process since is not its holder', async () => {
    await writeFile(path, JSON.stringify({ pid: process.pid, host: hostname(), startedAt: '1' }));
    expect(await lockHolder(path)).toBeNull();
    await (await acquireLock(path)).release();
  });
});
