/**
 * The memory of the server while requests with many large files wait: its peak resident size for `requests` of `files`
 * each, all sent at once, and their results.
 *
 *   node upload-memory.mjs [requests] [files a request] [bytes a file]
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { machine, round } from './lib/measure.mjs';
import { startServer } from './lib/server.mjs';

const [requests = 3, files = 20, bytes = 19_000_000] = process.argv.slice(2).map(Number);
const QUERY = `query ($images: [Upload!]!) { searchByImages(images: $images, topK: 1) { result { id } error { code } } }`;
const dir = await mkdtemp(join(tmpdir(), 'likeness-bench-'));
const server = await startServer(dir);

/** Resident size in MB, now and at its highest. */
async function memory() {
  const text = await readFile(`/proc/${server.pid}/status`, 'utf8');
  const read = (name) => round(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)[1]) / 1000, 0);
  return { now: read('VmRSS'), peak: read('VmHWM') };
}

async function batch(file) {
  const form = new FormData();
  const images = Array.from({ length: files }, () => null);
  form.set('operations', JSON.stringify({ query: QUERY, variables: { images } }));
  form.set('map', JSON.stringify(Object.fromEntries(images.map((_, i) => [i, [`variables.images.${i}`]]))));
  images.forEach((_, i) => form.set(String(i), file, `${i}.jpg`));
  const headers = { 'apollo-require-preflight': '1' };
  const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body: form });
  const { data, errors } = await response.json();
  if (errors) return [errors[0].extensions.code];
  return data.searchByImages.map(({ result, error }) => (result === null ? error.code : 'found'));
}

try {
  console.log(machine());
  const picture = await sharp({ create: { width: 640, height: 480, channels: 3, background: 'teal' } })
    .jpeg()
    .toBuffer();
  // Decoders ignore bytes after the end of a picture, so these large files cost little to decode.
  const file = new Blob([picture, new Uint8Array(bytes - picture.length)]);
  const before = await memory();
  const start = performance.now();
  const outcomes = (await Promise.all(Array.from({ length: requests }, () => batch(file)))).flat();
  const seconds = round((performance.now() - start) / 1000, 1);
  const counts = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  const { peak } = await memory();
  console.log(
    `${requests} requests of ${files} files of ${bytes / 1e6} MB: ${JSON.stringify(counts)} in ${seconds} s`,
  );
  console.log(`resident before ${before.now} MB, at most ${peak} MB`);
} finally {
  await server.stop();
  await rm(dir, { recursive: true, force: true });
}
