import { ownFoldersOf } from '../config.js';
import { SAMPLE_DIR } from '../project.js';
import { startFolderImport } from '../services/gallery/import/import-folder.js';
import { readLateFacts } from '../services/gallery/late-facts.js';
import { embedMissingIn } from '../services/gallery/reconcile.js';
import { sampleFinder, startSampleGallery } from '../services/gallery/samples.js';
import type { Spaces } from '../services/spaces/spaces.js';
import type { Gallery } from './open-gallery.js';
import type { Stores } from './open-stores.js';
import type { App, AppOptions } from './types.js';

/** The jobs that give a gallery its pictures and their vectors. */
export function galleryJobs(
  { config, logger }: AppOptions,
  { catalog, media }: Stores,
  { ingest, jobs, memory, changes }: Gallery,
  spaces: Spaces,
  concurrency: number,
): Pick<App, 'startImport' | 'startEmbedMissing' | 'startSampleGallery' | 'sampleIds' | 'startReadFacts'> {
  const importOptions = {
    ingest,
    maxBytes: config.maxUploadBytes,
    concurrency,
    memory: memory.background,
  };
  return {
    startImport: (folder, tags, exclude) =>
      startFolderImport(
        { folder, tags, exclude },
        { jobs, ownFolders: ownFoldersOf(config), ...importOptions },
      ),
    startEmbedMissing: () =>
      jobs.start('EMBED_MISSING', (report) =>
        spaces.use(async ({ spaces: all, replaced }) => {
          // A space that no longer serves needs no more vectors.
          const signal = AbortSignal.any([report.signal, replaced]);
          const parts = { catalog, media, logger, memory: memory.background };
          await embedMissingIn(all, parts, { ...report, signal }, concurrency);
        }),
      ),
    startReadFacts: async () => {
      const keepLocation = config.keepLocation === 'on';
      if ((await catalog.images.countUnread(keepLocation)) === 0) return null;
      const parts = { catalog, media, spaces, changes, memory: memory.background, keepLocation };
      return jobs.start('READ_FACTS', (report) => readLateFacts(parts, report));
    },
    sampleIds: sampleFinder(catalog, SAMPLE_DIR),
    startSampleGallery: () => startSampleGallery({ catalog, media, jobs, dir: SAMPLE_DIR, importOptions }),
  };
}
