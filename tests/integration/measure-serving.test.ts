import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { silentLogger } from '../../src/logger.js';
import { openEmbedder } from '../../src/services/embedding/embedder.js';
import { readMeasured, writeMeasured, type Measured } from '../../src/services/embedding/measured.js';
import { loadModel, type Model } from '../../src/services/embedding/model.js';
import { ServingMeasurement } from '../../src/services/models/measure-serving.js';
import { Spaces, type Space } from '../../src/services/spaces/spaces.js';
import { openVectorIndex } from '../../src/services/vector-index/open.js';
import { LIMITS } from '../helpers/limits.js';
import { jpeg } from '../helpers/pictures.js';
import { temporaryDir } from '../helpers/temporary-dir.js';
import { writeTinyModel } from '../helpers/tiny-model.js';
import { waitFor } from '../helpers/wait-for.js';

const WORKER = pathToFileURL(resolve('dist/workers/embed-worker.js'));

let dir: string;
let folder: string;
let model: Model;
let spaces: Spaces;
let measurement: ServingMeasurement | null;
let isBusy: boolean;
let pictures: string[];

beforeEach(async () => {
  [dir, measurement, isBusy, pictures] = [await temporaryDir(), null, false, []];
  folder = await writeTinyModel(join(dir, 'models'));
  model = await loadModel(folder);
  const { spaceId, dimension } = model.info;
  const space: Space = {
    feature: 'semantic',
    model: model.info,
    embedder: await openEmbedder({
      model,
      workers: 1,
      threads: 1,
      maxQueue: 2,
      timeoutMs: LIMITS.productMs,
      maxPixels: 1_000_000,
      logger: silentLogger,
      workerUrl: WORKER,
    }),
    index: await openVectorIndex({
      lowPriority: false,
      dir: join(dir, 'index'),
      spaceId,
      dimension,
      vectors: (async function* () {})(),
      logger: silentLogger,
    }),
  };
  spaces = new Spaces([space]);
});

afterEach(async () => {
  await measurement?.close();
  await spaces.close();
});

function start(): Promise<void> {
  measurement = new ServingMeasurement({
    model,
    spaces,
    isBusy: async () => isBusy,
    pictures: async () => pictures,
    logger: silentLogger,
    laterMs: Array.from({ length: 10_000 }, () => 5),
  });
  return measurement.start();
}

/** As it is in the folder once that holds. */
async function measured(what: string, holds: (found: Measured) => boolean): Promise<Measured> {
  let found: Measured | null = null;
  await waitFor(what, async () => {
    found = await readMeasured(folder);
    return found !== null && holds(found);
  });
  return found as unknown as Measured;
}

test('while other work is under way there is a figure to begin with, which only falls; afterwards it is certain', async () => {
  isBusy = true;
  await start();
  let last = (await readMeasured(folder)) as Measured;
  const first = last.embedMs;
  for (let i = 0; i < 3; i++) {
    const { measuredAt, embedMs } = last;
    last = await measured('another one', (found) => found.measuredAt > measuredAt);
    expect(last.steady).toBe(false);
    expect(last.embedMs).toBeLessThanOrEqual(embedMs);
  }
  isBusy = false;
  const certain = await measured('one that is certain', ({ steady }) => steady);
  expect(certain.embedMs).toBeLessThanOrEqual(first);
  expect(certain.decodeMs).toBeNull();
});

test('what is certain is not measured again, but for the decoding of pictures that came since', async () => {
  const known = { embedMs: 1e-6, threads: 1, steady: true, measuredAt: new Date(1000) };
  const { spaceId } = model.info;
  await writeMeasured(model, { ...known, spaceId, decodeMs: null });
  await start();
  expect(await readMeasured(folder)).toMatchObject(known);

  pictures = ['a', 'b', 'gone'].map((name) => join(dir, name));
  await writeFile(pictures[0] as string, await jpeg(1, 96, 72));
  await writeFile(pictures[1] as string, 'no picture any more');
  await start();
  expect(await readMeasured(folder)).toMatchObject({
    embedMs: known.embedMs,
    steady: true,
    decodeMs: expect.any(Number),
  });
});
