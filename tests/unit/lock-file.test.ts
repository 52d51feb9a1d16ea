import { describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { acquireLock } from '../../src/lib/lock-file.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

describe('acquireLock', () => {
  test('a second taker is told who holds it, and gets it once it is released', async () => {
    const path = join(await temporaryDir(), 'lock');
    const lock = await acquireLock(path);
    await expect(acquireLock(path)).rejects.toMatchObject({
      code: 'DATA_LOCKED',
      details: { pid: process.pid },
    });
    await lock.release();
    await lock.release();
    const again = await acquireLock(path);
    expect(again.tookOver).toBe(false);
    await again.release();
  });

  test('of many takers at once exactly one gets it', async () => {
    const dir = await temporaryDir();
    const path = join(dir, 'lock');
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => acquireLock(path)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(dir)).toEqual(['lock']);
  });

  test('a lock of a killed process is taken over, and that is told', async () => {
    const path = join(await temporaryDir(), 'lock');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    await writeFile(path, JSON.stringify({ pid: child.pid, host: hostname(), startedAt: null }));
    await expect(acquireLock(path)).rejects.toMatchObject({ code: 'DATA_LOCKED' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lock = await acquireLock(path);
    expect(lock.tookOver).toBe(true);
    await lock.release();
  });

  test('a pid given to another process since is not its holder', async () => {
    const path = join(await temporaryDir(), 'lock');
    await writeFile(path, JSON.stringify({ pid: process.pid, host: hostname(), startedAt: '1' }));
    await (await acquireLock(path)).release();
  });

  test('a torn file is taken over; a holder on another machine is believed', async () => {
    const path = join(await temporaryDir(), 'lock');
    await writeFile(path, '{"pid": 12');
    const lock = await acquireLock(path);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid });
    await lock.release();
    await writeFile(path, JSON.stringify({ pid: 1, host: 'elsewhere', startedAt: null }));
    await expect(acquireLock(path)).rejects.toMatchObject({
      code: 'DATA_LOCKED',
      details: { host: 'elsewhere' },
    });
  });
});
