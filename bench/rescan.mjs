/** Compares a library of unchanged files with its rows: `node bench/rescan.mjs [files]`. No file is read. */
import { link, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCatalog } from '../dist/services/catalog/catalog.js';
import { compareLibrary } from '../dist/services/libraries/compare.js';
import { silentLogger } from '../dist/logger.js';
import { machine, round } from './lib/measure.mjs';

const COUNT = Number(process.argv[2] ?? 100_000);
const IN_A_FOLDER = 500;
/** Some systems allow no more names per file. */
const LINKS = 10_000;

const dir = await mkdtemp(join(tmpdir(), 'likeness-rescan-'));
try {
  const root = join(dir, 'photos');
  const files = await makeFiles(root);
  const catalog = await openCatalog({
    databaseUrl: `file:${join(dir, 'data', 'likeness.db')}`,
    migrationsDir: new URL('../prisma/migrations', import.meta.url).pathname,
    logger: silentLogger,
  });
  const library = await catalog.libraries.add({ name: 'photos', root, marker: null, tags: [], exclude: [] });
  const sha256 = 'a'.repeat(64);
  await catalog.images.create(
    { sha256, title: 'one', width: 1, height: 1, format: 'jpeg', bytes: 1, tags: [], stored: false },
    [],
  );
  await catalog.libraries.putFiles(
    library.id,
    files.map((file) => ({ ...file, sha256, state: 'PRESENT', failure: null })),
  );

  console.log(machine());
  const rows = [];
  for (let turn = 0; turn < 3; turn++) {
    const start = performance.now();
    const before = process.cpuUsage();
    const { changed, gone } = await compareLibrary(catalog.libraries, library, null, {
      ownFolders: [],
      signal: new AbortController().signal,
      onLeftOut: () => {},
      onUnreadable: (path, error) => {
        throw error;
      },
    });
    if (changed.length + gone.length > 0) throw new Error(`${changed.length} changed, ${gone.length} gone`);
    const { user, system } = process.cpuUsage(before);
    rows.push({
      files: COUNT,
      seconds: round((performance.now() - start) / 1000),
      'processor time, seconds': round((user + system) / 1e6),
      'memory MB': round(process.memoryUsage().rss / 2 ** 20, 0),
    });
  }
  console.table(rows);
  await catalog.close();
} finally {
  await rm(dir, { recursive: true, force: true });
}

async function makeFiles(root) {
  const files = [];
  let original = '';
  for (let i = 0; i < COUNT; i++) {
    const folder = `folder-${Math.floor(i / IN_A_FOLDER)}`;
    if (i % IN_A_FOLDER === 0) await mkdir(join(root, folder), { recursive: true });
    const path = `${folder}/picture-${i}.jpg`;
    if (i % LINKS === 0) await writeFile((original = join(root, path)), 'no picture is read here');
    else await link(original, join(root, path));
    const { size, mtimeMs } = await stat(join(root, path));
    files.push({ path, size, mtimeMs });
  }
  return files;
}
