/**
 * Draws the sample pictures into sample-gallery/: our own work, so nothing is downloaded and no licence is needed.
 * The same seed always gives the same pictures. Every file appears whole (written aside, then renamed), and
 * manifest.json, which names them with title and tags, appears last.
 */
import { fork } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromRoot } from '../../scripts/lib/paths.mjs';
import { GROUPS } from './groups.mjs';
import { renderScene } from './render.mjs';

const TARGET = fromRoot('sample-gallery');

function writeWhole(path, data) {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, data);
  renameSync(temporary, path);
}

const slug = (title) =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

async function draw(group, index) {
  const { bytes, extension, scene } = await renderScene(group, index);
  const file = `${group.name}/${String(index + 1).padStart(2, '0')}-${slug(scene.title)}.${extension}`;
  mkdirSync(join(TARGET, group.name), { recursive: true });
  writeWhole(join(TARGET, file), bytes);
  return { file, title: scene.title, tags: [...new Set([group.name, ...scene.tags])] };
}

const everyPicture = GROUPS.flatMap((group) => group.scenes.map((_, index) => [group, index]));

/** Drawing is one thread's work in a process, so each core gets a process of its own. */
function drawPart(part, parts) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--part', String(part), String(parts)]);
    let entries;
    child.on('message', (message) => (entries = message));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0 && entries !== undefined) resolve(entries);
      else reject(new Error(`drawing part ${part} of ${parts} ended with ${code}`));
    });
  });
}

function removeStale(entries) {
  const keep = new Set([...entries.map(({ file }) => join(TARGET, file)), join(TARGET, 'manifest.json')]);
  for (const entry of readdirSync(TARGET, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile() && !keep.has(path)) rmSync(path, { force: true });
  }
}

const partFlag = process.argv.indexOf('--part');
if (partFlag > 0) {
  const [part, parts] = process.argv.slice(partFlag + 1).map(Number);
  const entries = [];
  for (const [group, index] of everyPicture.filter((_, at) => at % parts === part))
    entries.push(await draw(group, index));
  process.send(entries, () => process.disconnect());
} else {
  const parts = Math.min(4, availableParallelism());
  const drawn = await Promise.all(Array.from({ length: parts }, (_, part) => drawPart(part, parts)));
  const entries = drawn.flat().sort((a, b) => (a.file < b.file ? -1 : 1));
  writeWhole(join(TARGET, 'manifest.json'), `${JSON.stringify(entries, null, 2)}\n`);
  removeStale(entries);
}
