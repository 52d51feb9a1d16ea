/**
 * The disk of the models fills up while one is pulled, or uploaded: STORAGE_FULL, the gallery is answered meanwhile, and
 * what was downloaded stays for the next pull, which goes on when there is room. What was uploaded is gone.
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import * as faults from './lib/server.mjs';

const MEGABYTE = 1_000_000;
const modelsDir = faults.smallDisk(40);
const BUILTIN = resolve(import.meta.dirname, '..', '..', 'models', 'builtin');
mkdirSync(join(modelsDir, 'builtin'));
cpSync(BUILTIN, join(modelsDir, 'builtin'), { recursive: true });

/** No weights at all: it only has to be large. What it is, is looked at when all of it is there. */
const WEIGHTS = Buffer.alloc(20 * MEGABYTE, 1);
const ranges = [];
const hub = createServer((request, response) => {
  const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  ranges.push(start);
  response.writeHead(start > 0 ? 206 : 200, {
    etag: '"weights"',
    'transfer-encoding': 'chunked', // how much is to come is not said: the disk is found full on the way
    ...(start > 0 ? { 'content-range': `bytes ${start}-${WEIGHTS.length - 1}/*` } : {}),
  });
  response.end(WEIGHTS.subarray(start));
});
await new Promise((ready) => hub.listen(0, '127.0.0.1', ready));

const server = await faults.startServer(faults.temporaryDir(), {
  env: { MODELS_DIR: modelsDir, MODEL: 'auto', MODEL_HUB: `http://127.0.0.1:${hub.address().port}` },
});
const ask = async (query) => {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
};
async function ended(id) {
  let job;
  await faults.until('the end of the job', async () => {
    ({ job } = await ask(`{ job(id: "${id}") { state code } }`));
    return !['QUEUED', 'RUNNING'].includes(job.state);
  });
  return job;
}
const pull = async () =>
  ended(
    (await ask('mutation { pullModel(id: "dinov2-small", use: false) { job { id } } }')).pullModel.job.id,
  );
const stateOf = async () =>
  (await ask('{ models { id state } }')).models.find(({ id }) => id === 'dinov2-small').state;

const { bavail, bsize } = statfsSync(modelsDir);
writeFileSync(join(modelsDir, 'ballast'), Buffer.alloc(bavail * bsize - 5 * MEGABYTE));
assert.deepEqual(await pull(), { state: 'FAILED', code: 'STORAGE_FULL' });
assert.equal(await stateOf(), 'PARTIAL');
assert.equal((await faults.add(server, await faults.picture(1))).code, null, 'the gallery is answered');

// An upload is copied into the models folder: an ONNX file that runs, with a lot of nothing beside it.
const onnx = join(BUILTIN, 'model.onnx');
assert.ok(existsSync(onnx));
const { readFileSync } = await import('node:fs');
const form = new FormData();
const query =
  'mutation ($files: [Upload!]!) { uploadModel(files: $files, id: "mine", use: false) { job { id } } }';
form.set('operations', JSON.stringify({ query, variables: { files: [null] } }));
form.set('map', '{"0":["variables.files.0"]}');
form.set('0', new Blob([readFileSync(onnx)]), 'export.onnx');
const uploaded = await fetch(`${server.url}/graphql`, {
  method: 'POST',
  headers: { 'apollo-require-preflight': '1' },
  body: form,
});
const { data } = await uploaded.json();
assert.deepEqual(await ended(data.uploadModel.job.id), { state: 'FAILED', code: 'STORAGE_FULL' });
assert.deepEqual(
  readdirSync(modelsDir).sort(),
  ['.downloads', 'ballast', 'builtin'],
  'nothing is left of the upload',
);

rmSync(join(modelsDir, 'ballast'));
ranges.length = 0;
assert.deepEqual(
  await pull(),
  { state: 'FAILED', code: 'MODEL_MISMATCH' },
  'all of it came, and is no model',
);
assert.ok(ranges[0] > 0, 'it went on where it was');
assert.equal(await stateOf(), 'AVAILABLE');
assert.equal(await faults.end(server), 0);
hub.close();
