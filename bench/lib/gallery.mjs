import { join } from 'node:path';
import Database from 'libsql';
import { openCatalog } from '../../dist/services/catalog/catalog.js';
import { chooseModel } from '../../dist/services/embedding/model.js';
import { loadConfig } from '../../dist/config.js';
import { PROJECT_DIR } from '../../dist/project.js';
import { naturalKey } from '../../dist/lib/text.js';
import { silentLogger } from '../../dist/logger.js';
import { dataSettings } from './server.mjs';
import { clusteredVectors } from './measure.mjs';

const ROWS_PER_TRANSACTION = 2000;
/** 100,000 pictures are those of twenty years. */
const TAKEN_EVERY_MS = 6_300_000;

const sqlTime = (time) => new Date(time).toISOString().replace('Z', '+00:00');

/** The catalog of a data folder. */
export const openCatalogOf = (dir) =>
  openCatalog({
    databaseUrl: loadConfig(dataSettings(dir)).databaseUrl,
    migrationsDir: join(PROJECT_DIR, 'prisma', 'migrations'),
    logger: silentLogger,
  });

/** The space of a model, by default the built-in one. */
export async function spaceOfModel(modelsDir = loadConfig({}).modelsDir, model = 'builtin') {
  const { info } = await chooseModel(modelsDir, model);
  const { id: modelId, spaceId, dimension } = info;
  return { modelId, spaceId, dimension };
}

/**
 * Fills a data folder with `count` rows and vectors (no files), all that searches by id need. With plain statements in
 * large transactions: through the catalog a row takes 1.5 ms, and a million half an hour.
 * @param space by default the built-in model's
 */
export async function fillGallery(dir, count, space) {
  const catalog = await openCatalogOf(dir); // creates the tables
  const { modelId, spaceId, dimension } = space ?? (await spaceOfModel());
  await catalog.vectors.ensureSpace({ id: spaceId, modelId, dimension });
  await catalog.close();
  const db = new Database(join(dir, 'likeness.db'));
  const addImage = db.prepare(
    'INSERT INTO images (id, sha256, title, titleKey, titleOrder, width, height, format, bytes, createdAt, takenKey, factsRead) VALUES (?, ?, ?, ?, ?, 640, 480, ?, 100000, ?, ?, 1)',
  );
  const addTag = db.prepare('INSERT INTO image_tags (imageId, key, tag) VALUES (?, ?, ?)');
  const addVector = db.prepare('INSERT INTO vectors (imageId, spaceId, data) VALUES (?, ?, ?)');
  const start = Date.now() - count;
  let id = 0;
  for (const vector of clusteredVectors(count, dimension, { clusters: Math.max(100, count / 100) })) {
    if (id % ROWS_PER_TRANSACTION === 0) db.exec('BEGIN');
    const title = `Picture ${++id}`;
    const sha256 = id.toString(16).padStart(64, '0');
    addImage.run(
      id,
      sha256,
      title,
      title.toLowerCase(),
      naturalKey(title),
      'jpeg',
      sqlTime(start + id),
      sqlTime(start - (count - id) * TAKEN_EVERY_MS),
    );
    for (const tag of [`group ${id % 100}`, id % 2 ? 'odd' : 'even']) addTag.run(id, tag, tag);
    addVector.run(id, spaceId, Buffer.from(vector.buffer));
    if (id % ROWS_PER_TRANSACTION === 0 || id === count) db.exec('COMMIT');
  }
  db.close();
}
