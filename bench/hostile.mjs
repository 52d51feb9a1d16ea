/**
 * Sends every file of a folder of broken, odd and hostile pictures to a real server by a search with upload, an addition
 * and an import, and prints each result; then checks the server: correct answers, no lost worker, no temporary files,
 * memory. Exits with 1 if something is wrong.
 *
 *   node hostile.mjs [folder of files, default ../../shared/hostile]
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import sharp from 'sharp';
import { machine, percentile, round } from './lib/measure.mjs';
import { graphql, startServer } from './lib/server.mjs';

const folder = process.argv[2] ?? fileURLToPath(new URL('../../shared/hostile', import.meta.url));
if (!existsSync(folder)) {
  console.log(`There is no ${folder}: give a folder of broken pictures. Nothing was tried.`);
  process.exit(0);
}

/** Far more than any of them needs; a slower one could be used to block a server. */
const SLOW_MS = 10_000;
/** Allowed refusals; anything else is our fault. */
const REFUSALS = ['IMAGE_UNSUPPORTED', 'IMAGE_UNREADABLE', 'IMAGE_TOO_LARGE'];
const SEARCH = 'query ($file: Upload!) { searchByImage(image: $file, topK: 1) { matches { similarity } } }';
const ADD = 'mutation ($file: Upload!) { addToGallery(image: $file) { created } }';
const STATUS = '{ status { gallerySize embedder { restarts } } }';

const faults = [];
const dir = await mkdtemp(join(tmpdir(), 'likeness-hostile-'));
const photos = join(dir, 'photos');
const data = join(dir, 'data');
await mkdir(photos);
await mkdir(data);

/** @returns `ok` or the error code, and the time until the answer */
async function send(url, query, name, bytes) {
  const form = new FormData();
  form.set('operations', JSON.stringify({ query, variables: { file: null } }));
  form.set('map', '{"0":["variables.file"]}');
  form.set('0', new Blob([bytes]), name);
  const start = performance.now();
  const outcome = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'apollo-require-preflight': '1' },
    body: form,
    signal: AbortSignal.timeout(120_000),
  })
    .then((response) => response.json())
    .then(
      ({ errors }) => errors?.[0].extensions.code ?? 'ok',
      (error) => `no answer: ${error.message}`,
    );
  return { outcome, ms: performance.now() - start };
}

/** In MB: current memory, and the peaks of the server and of its largest worker. */
async function memoryOf(pid) {
  const read = (path) => readFile(`/proc/${path}`, 'utf8').catch(() => '');
  const mb = (text, key) =>
    round(Number(new RegExp(`${key}:\\s+(\\d+) kB`).exec(text)?.[1] ?? NaN) / 1024, 0);
  const text = await read(`${pid}/status`);
  let workers = 0;
  for (const child of (await read(`${pid}/task/${pid}/children`)).split(' ').filter(Boolean))
    workers = Math.max(workers, mb(await read(`${child}/status`), 'VmHWM') || 0);
  return { now: mb(text, 'VmRSS'), most: mb(text, 'VmHWM'), workers };
}

async function importFolder(url) {
  const start = performance.now();
  const {
    importFolder: { job },
  } = await graphql(url, 'mutation ($path: String!) { importFolder(path: $path) { job { id } } }', {
    path: photos,
  });
  for (;;) {
    const { job: now } = await graphql(
      url,
      'query ($id: ID!) { job(id: $id) { finishedAt added skipped failed failures { path code } } }',
      job,
    );
    if (now.finishedAt !== null) return { ...now, ms: performance.now() - start };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Files that may exist only during an operation. */
async function temporaryFiles(of) {
  const entries = await readdir(of, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(of.length + 1))
    .filter((path) => /(^|\/)uploads\/|\.(tmp|part)$/.test(path));
}

const names = (await readdir(folder, { withFileTypes: true }))
  .filter((entry) => entry.isFile() && !entry.name.endsWith('.md'))
  .map(({ name }) => name)
  .sort();
const rows = new Map(names.map((name) => [name, {}]));
const good = await sharp({ create: { width: 320, height: 240, channels: 3, background: '#357' } }).jpeg().toBuffer(); // prettier-ignore

// Uploads, one at a time, so that each time is that of the file.
let server = await startServer(data, { MODEL: 'builtin' });
await send(server.url, ADD, 'good.jpg', good);
const before = await memoryOf(server.pid);
for (const [name, row] of rows) {
  const bytes = await readFile(join(folder, name));
  row.search = await send(server.url, SEARCH, name, bytes);
  row.add = await send(server.url, ADD, name, bytes);
  await copyFile(join(folder, name), join(photos, name));
}
const after = await memoryOf(server.pid);
const { status } = await graphql(server.url, STATUS);
if (status.embedder.restarts > 0) faults.push(`${status.embedder.restarts} workers were lost by uploads`);
const answer = await send(server.url, SEARCH, 'good.jpg', good);
if (answer.outcome !== 'ok') faults.push(`afterwards a good picture gives ${answer.outcome}`);
for (const path of await temporaryFiles(data)) faults.push(`left behind by uploads: ${path}`);
await server.stop();

// The import, into a separate gallery, in which no file is known yet.
const second = join(dir, 'second');
await mkdir(second);
server = await startServer(second, { MODEL: 'builtin', IMPORT_ROOTS: photos });
const imported = await importFolder(server.url);
const importStatus = (await graphql(server.url, STATUS)).status;
if (importStatus.embedder.restarts > 0)
  faults.push(`${importStatus.embedder.restarts} workers were lost by the import`);
for (const path of await temporaryFiles(second)) faults.push(`left behind by the import: ${path}`);
const failures = new Map(imported.failures.map(({ path, code }) => [path.split('/').at(-1), code]));
const afterImport = await memoryOf(server.pid);
await server.stop();
await rm(dir, { recursive: true, force: true });

for (const [name, { search, add }] of rows) {
  for (const { outcome } of [search, add])
    if (outcome !== 'ok' && !REFUSALS.includes(outcome)) faults.push(`${name}: ${outcome}`);
  if (Math.max(search.ms, add.ms) > SLOW_MS) faults.push(`${name}: took longer than ${SLOW_MS} ms`);
  if (search.outcome !== add.outcome) faults.push(`${name}: ${search.outcome}, but added: ${add.outcome}`);
  const code = failures.get(name);
  if (code !== undefined && code !== search.outcome)
    faults.push(`${name}: ${search.outcome}, imported: ${code}`);
  console.log(
    [name.padEnd(70), search.outcome.padEnd(18), `${round(search.ms, 0)} ms`.padStart(8), `${round(add.ms, 0)} ms`.padStart(8), code ?? ''].join('  '), // prettier-ignore
  );
}

const outcomes = [...rows.values()].map(({ search }) => search.outcome);
const times = [...rows.values()].flatMap(({ search, add }) => [search.ms, add.ms]);
const count = (outcome) => outcomes.filter((one) => one === outcome).length;
console.log(`
${machine()}
${names.length} files: ${count('ok')} taken, ${REFUSALS.map((code) => `${count(code)} ${code}`).join(', ')}
import in ${round(imported.ms / 1000, 1)} s: ${imported.added} added, ${imported.skipped} known, ${imported.failed} failed, the rest is not called a picture
an answer took ${round(percentile(times, 50), 0)} ms (median), ${round(percentile(times, 99), 0)} ms (99 of 100), ${round(Math.max(...times), 0)} ms at most
memory of the server: ${before.now} MB before, ${after.now} after, ${after.most} at most, a worker ${after.workers} at most; in the import ${afterImport.most} and ${afterImport.workers}
${faults.length === 0 ? 'nothing wrong: no worker lost, no file left behind, right answers afterwards' : `WRONG:\n  ${faults.join('\n  ')}`}`);
if (faults.length > 0) process.exitCode = 1;
