import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { openCatalog } from '../../src/services/catalog/catalog.js';
import type { Catalog, NewImage, Written } from '../../src/services/catalog/types.js';
import type { NewVector } from '../../src/services/catalog/vector-types.js';
import { silentLogger } from '../../src/logger.js';

export const MIGRATIONS_DIR = resolve('prisma/migrations');
export const SPACE = 'tiny-0000';
export const DIMENSION = 4;

/** The catalog of a folder, with one space. */
export async function openTestCatalog(dir: string): Promise<Catalog> {
  const catalog = await openCatalog({
    databaseUrl: `file:${join(dir, 'likeness.db')}`,
    migrationsDir: MIGRATIONS_DIR,
    logger: silentLogger,
  });
  await catalog.vectors.ensureSpace({ id: SPACE, modelId: 'tiny', dimension: DIMENSION });
  return catalog;
}

/** A picture that is told from others by its name. */
export function newImage(name: string, fields: Partial<NewImage> = {}): NewImage {
  const sha256 = createHash('sha256').update(name).digest('hex');
  return { sha256, title: name, width: 640, height: 480, format: 'jpeg', bytes: 1234, tags: [], ...fields };
}

/** What a picture says that has nothing written in it. */
export const NOTHING_WRITTEN: Written = {
  facts: {
    ...{ taken: null, camera: null, lens: null, orientation: null, place: null, title: null, rating: null },
    exposure: { time: null, fNumber: null, iso: null, focalLength: null },
    keywords: [],
  },
  modifiedAt: null,
  withPlace: false,
};

/** The same, but for these facts. */
export const written = (facts: Partial<Written['facts']>, fields: Partial<Written> = {}): Written => ({
  ...{ ...NOTHING_WRITTEN, ...fields },
  facts: { ...NOTHING_WRITTEN.facts, ...facts },
});

/** A unit vector that is told from others by its number. */
export function unitVector(n: number): Float32Array {
  return Float32Array.of(Math.cos(n), Math.sin(n), 0, 0);
}

export const inSpace = (vector: Float32Array, spaceId = SPACE): NewVector[] => [{ spaceId, vector }];

/** Adds pictures by name, in order; their ids. */
export async function addImages(
  catalog: Catalog,
  names: readonly string[],
  fields: Partial<NewImage> = {},
): Promise<number[]> {
  const ids: number[] = [];
  for (const name of names) {
    const { image } = await catalog.images.create(newImage(name, fields), inSpace(unitVector(ids.length)));
    ids.push(image.id);
  }
  return ids;
}
