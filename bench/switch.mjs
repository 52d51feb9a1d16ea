/**
 * Searches while the gallery gets its vectors from another model: by upload and by id, before and during the change of
 * model, with one client that sends one request after the other.
 *
 *   node switch.mjs [searches a turn]
 *
 * The built-in model serves; the next one has DINOv2-base's shape in int8, with random weights written for this run.
 */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../dist/config.js';
import { convertDinov2 } from '../dist/model-tools/dinov2/convert.js';
import { listPictures } from '../dist/services/gallery/import/walk.js';
import { writeDinov2Weights } from './lib/dinov2-weights.mjs';
import { load, machine, percentile, round } from './lib/measure.mjs';
import { graphql, searchUpload, startServer } from './lib/server.mjs';

const COUNT = Number(process.argv[2] ?? 60);
const dir = await mkdtemp(join(tmpdir(), 'likeness-bench-'));
const modelsDir = join(dir, 'models');

const STATUS = '{ status { gallerySize modelSwitch { embedded } } }';
const BY_ID = `query ($imageId: ID) { searchByImage(imageId: $imageId) {
  matches { rank similarity image { id title url } } analysis { model { id } }
} }`;

try {
  console.log(machine());
  await cp(join(loadConfig({}).modelsDir, 'builtin'), join(modelsDir, 'builtin'), { recursive: true });
  const weightsPath = join(dir, 'model.safetensors');
  await writeDinov2Weights(weightsPath, { size: 'base' });
  await convertDinov2({ weightsPath, modelsDir, id: 'next', precision: 'int8' });

  const paths = await listPictures(fileURLToPath(new URL('../sample-gallery', import.meta.url)));
  const pictures = await Promise.all(paths.slice(0, 40).map((path) => readFile(path)));
  const server = await startServer(dir, { MODELS_DIR: modelsDir, MODEL: 'auto', SAMPLE_GALLERY: 'auto' });
  const status = async () => (await graphql(server.url, STATUS)).status;
  while ((await status()).gallerySize < paths.length)
    await new Promise((resolve) => setTimeout(resolve, 200));
  const { galleryImages } = await graphql(
    server.url,
    '{ galleryImages(first: 100) { edges { node { id } } } }',
  );
  const ids = galleryImages.edges.map(({ node }) => node.id);

  const turns = [];
  const measure = async (when) => {
    const upload = await load((i) => searchUpload(server.url, pictures[i % pictures.length]), {
      count: COUNT,
    });
    const byId = await load((i) => graphql(server.url, BY_ID, { imageId: ids[i % ids.length] }), {
      count: COUNT,
    });
    turns.push({ when, upload, byId });
  };
  for (let turn = 0; turn < 3; turn++) await measure('before');
  const began = performance.now();
  await graphql(server.url, 'mutation { useModel(id: "next") { job { id } } }');
  while (((await status()).modelSwitch?.embedded ?? 0) < 2)
    await new Promise((resolve) => setTimeout(resolve, 50));
  while ((await status()).modelSwitch !== null) await measure('meanwhile');
  turns.pop(); // partly served by the next model
  const seconds = (performance.now() - began) / 1000;

  const rows = ['before', 'meanwhile'].map((when) => {
    const of = turns.filter((turn) => turn.when === when);
    const median = (kind, name) =>
      round(
        percentile(
          of.map((turn) => turn[kind][name]),
          50,
        ),
        1,
      );
    return {
      when,
      turns: of.length,
      'upload p50 ms': median('upload', 'p50'),
      'upload p99 ms': median('upload', 'p99'),
      'by id p50 ms': median('byId', 'p50'),
      'by id p99 ms': median('byId', 'p99'),
    };
  });
  console.log('Medians of the turns:');
  console.table(rows);
  console.log(`${paths.length} pictures filled in ${round(seconds, 1)} s beside these searches`);
  await server.stop();
} finally {
  await rm(dir, { recursive: true, force: true });
}
