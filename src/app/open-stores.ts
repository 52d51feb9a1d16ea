import { join } from 'node:path';
import { dataDirOf, temporaryDirOf } from '../config.js';
import { PROJECT_DIR } from '../project.js';
import type { Closing } from '../lib/closing.js';
import { lockDataFolder } from '../lib/data-folder.js';
import { openCatalog } from '../services/catalog/catalog.js';
import type { Catalog } from '../services/catalog/types.js';
import { openMediaStore } from '../services/media/media-store.js';
import type { MediaStore } from '../services/media/types.js';
import { recordChoice } from '../services/spaces/open-spaces.js';
import { chooseSpaces, type SpaceChoice } from '../services/spaces/space-choice.js';
import type { AppOptions } from './types.js';

/** Id of the run that writes, or wrote last; its unfinished files in the media folder belong to this catalog. */
const META_RUN = 'run';

export interface Stores {
  readonly catalog: Catalog;
  readonly media: MediaStore;
  /** The serving space and the next one; recorded unless the app only reads. */
  readonly choice: SpaceChoice;
}

/**
 * Locks the data folder and opens the primary data: catalog and files.
 * @throws AppError DATA_LOCKED, DATABASE_TOO_NEW, INDEX_TOO_NEW, MODEL_MISSING, MODEL_MISMATCH, STORAGE_FAILED
 */
export async function openStores(
  { config, logger, readOnly = false }: AppOptions,
  closing: Closing,
): Promise<Stores> {
  if (!readOnly) {
    const dataDir = dataDirOf(config);
    const lock = await lockDataFolder(dataDir, temporaryDirOf(dataDir));
    closing.step(() => lock.release());
  }
  const catalog = closing.add(
    await openCatalog({
      databaseUrl: config.databaseUrl,
      migrationsDir: join(PROJECT_DIR, 'prisma', 'migrations'),
      logger,
      readOnly,
    }),
  );
  if (!readOnly && config.keepLocation === 'off') await catalog.images.forgetPlaces();
  const choice = await chooseSpaces({ catalog, modelsDir: config.modelsDir, model: config.model, logger });
  const recorded = readOnly ? choice : await recordChoice(catalog, choice);
  const media = closing.add(
    await openMediaStore({
      dir: config.mediaDir,
      logger,
      maxPixels: config.maxImagePixels,
      readOnly,
      rows: {
        formatOf: async (sha256) => (await catalog.images.formatsByHash([sha256])).get(sha256) ?? null,
        elsewhere: async (sha256) => {
          const places = (await catalog.libraries.places([sha256])).get(sha256) ?? [];
          return places.map(({ root, path }) => join(root, path));
        },
        run: () => catalog.facts.get(META_RUN),
        setRun: (run) => catalog.facts.set(META_RUN, run),
      },
    }),
  );
  return { catalog, media, choice: recorded };
}
