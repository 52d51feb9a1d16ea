import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import { temporaryDir } from '../helpers/temporary-dir.js';

const MAIN = resolve('build/main.js');

interface Run {
  readonly code: number | null;
  readonly signal: string | null;
  readonly lines: readonly string[];
  readonly errors: string;
}

/** Runs the server, and sends SIGTERM as soon as its n-th line is there. */
async function runUntilLine(dir: string, n: number, env: Record<string, string>): Promise<Run> {
  const child = spawn(process.execPath, [MAIN], {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      LOG_FORMAT: 'json',
      MODEL: 'builtin',
      DATABASE_URL: `file:${join(dir, 'data', 'likeness.db')}`,
      INDEX_DIR: join(dir, 'index'),
      MEDIA_DIR: join(dir, 'media'),
      ...env,
    },
  });
  let errors = '';
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push((JSON.parse(line) as { msg: string }).msg);
    if (lines.length === n) child.kill('SIGTERM');
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, lines, errors };
}

const READY = /^Likeness is ready/;

test('SIGTERM at any line of the start ends the server in order, and says nothing else', async () => {
  // The lines of a first start are those that stand before "ready" and the seven and more that follow it.
  const seen = new Set<string>();
  let last = false;
  for (let n = 1; !last; n++) {
    const dir = await temporaryDir();
    const { code, signal, lines, errors } = await runUntilLine(dir, n, { SAMPLE_GALLERY: 'off' });
    expect({ n, code, signal, errors }).toEqual({ n, code: 0, signal: null, errors: '' });
    expect(lines.slice(-2)).toEqual(['SIGTERM: finishing running work', 'stopped']);
    for (const line of lines) seen.add(line);
    last = lines.some((line) => READY.test(line));
  }
  expect([...seen]).toContain('database migrated');
});

test('SIGTERM while the sample gallery is filled does not wait for its end', async () => {
  const dir = await temporaryDir();
  const migrations = (await readdir('prisma/migrations')).filter((name) => /^\d/.test(name)).length;
  const { code, lines, errors } = await runUntilLine(dir, migrations + 1, {});
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  expect(lines.slice(migrations)).toEqual([
    'filling the empty gallery with sample pictures',
    'SIGTERM: finishing running work',
    'stopped',
  ]);
  // The next start goes on with it.
  const again = await runUntilLine(dir, 1, {});
  expect(again.lines[0]).toBe('filling the empty gallery with sample pictures');
  expect(again.code).toBe(0);
});
