import { join } from 'node:path';
import { openCatalog } from '../../dist/services/catalog/catalog.js';
import { chooseModel } from '../../dist/services/embedding/model.js';
import { loadConfig } from '../../dist/config.js';
import { PROJECT_DIR } from '../../dist/project.js';
import { silentLogger } from '../../dist/logger.js';
import { dataSettings } from './server.mjs';
import { clusteredVectors } from './measure.mjs';

/** The catalog of a data folder. */
export const openCatalogOf = (dir) =>
  openCatalog({
    databaseUrl: loadConfig(dataSettings(dir)).databaseUrl,
    migrationsDir: join(PROJECT_DIR, 'prisma', 'migrations'),
    logger: silentLogger,
  });

async function builtinSpace() {
  const { description } = await chooseModel(loadConfig({}).modelsDir, 'builtin');
  const { id: modelId, spaceId, dimension } = description;
  return { modelId, spaceId, dimension };
}

/** Fills a data folder with `count` rows and vectors (no files): what searches by id touch. @param space default: the built-in model's */
export async function fillGallery(dir, count, space) {
  const catalog = await openCatalogOf(dir);
  const { modelId, spaceId, dimension } = space ?? (await builtinSpace());
  await catalog.vectors.ensureSpace({ id: spaceId, modelId, dimension });
  let i = 0;
  let batch = [];
  const flush = async () => {
    await Promise.all(batch);
    batch = [];
  };
  for (const vector of clusteredVectors(count, dimension, { clusters: Math.max(100, count / 100) })) {
    const sha256 = (++i).toString(16).padStart(64, '0');
    const image = {
      sha256,
      title: `Picture ${i}`,
      width: 640,
      height: 480,
      format: 'jpeg',
      bytes: 100_000,
      tags: [`group ${i % 100}`, i % 2 ? 'odd' : 'even'],
    };
    batch.push(catalog.images.create(image, [{ spaceId, vector }]));
    if (batch.length === 200) await flush();
  }
  await flush();
  await catalog.close();
}
