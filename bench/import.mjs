/** `likeness import` of a folder, compared with the workers' own rate on the same pictures. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApp } from '../dist/app.js';
import { loadConfig } from '../dist/config.js';
import { silentLogger } from '../dist/logger.js';
import { listPictures } from '../dist/services/gallery/import/walk.js';
import { load, machine, percentile, round } from './lib/measure.mjs';
import { dataSettings } from './lib/server.mjs';

const source = process.argv[2] ?? fileURLToPath(new URL('../sample-gallery', import.meta.url));
const COUNT = Number(process.argv[3] ?? 600);

const dir = await mkdtemp(join(tmpdir(), 'likeness-bench-'));
try {
  const folder = join(dir, 'pictures');
  await mkdir(folder);
  const originals = await Promise.all((await listPictures(source)).map((path) => readFile(path)));
  // Bytes after a JPEG's end make another file of the same cost.
  const jpegs = originals.filter((bytes) => bytes[0] === 0xff);
  for (let i = 0; i < COUNT; i++)
    await writeFile(join(folder, `${i}.jpg`), Buffer.concat([jpegs[i % jpegs.length], Buffer.from(`#${i}`)]));
  console.log(machine());
  const rows = [];
  for (let turn = 0; turn < 3; turn++) {
    const data = join(dir, `run-${turn}`);
    const config = loadConfig({ ...dataSettings(data), MODEL: 'builtin' });
    const app = await createApp({ config, logger: silentLogger });
    const pictures = jpegs.slice(0, 60);
    const rate = (
      await load((i) => app.embedder.embed(pictures[i % pictures.length]), {
        count: 300,
        clients: 16,
        warmup: 20,
      })
    ).perSecond;
    const { finished } = app.startImport(folder, [], []);
    const job = await finished;
    await app.close();
    const cli = spawn(
      process.execPath,
      [fileURLToPath(new URL('../dist/cli/main.js', import.meta.url)), 'import', folder],
      {
        stdio: 'ignore',
        env: { ...process.env, ...dataSettings(join(dir, `cli-${turn}`)), MODEL: 'builtin' },
      },
    );
    const start = performance.now();
    const [code] = await once(cli, 'exit');
    const seconds = (performance.now() - start) / 1000;
    rows.push({
      pictures: job.added,
      'workers alone /s': round(rate, 1),
      'import /s': round(job.rate, 1),
      ratio: round(job.rate / rate),
      'command, with start and stop, s': round(seconds, 1),
      exit: code,
    });
  }
  console.table(rows);
  console.log(
    `median ratio ${percentile(
      rows.map(({ ratio }) => ratio),
      50,
    )}`,
  );
} finally {
  await rm(dir, { recursive: true, force: true });
}
