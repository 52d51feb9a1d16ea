import { dataDirOf } from '../config.js';
import { ByteBudget } from '../lib/byte-budget.js';
import type { Closing } from '../lib/closing.js';
import { Albums } from '../services/albums/albums.js';
import { Atlas } from '../services/atlas/atlas.js';
import { GalleryChanges } from '../services/gallery/gallery-changes.js';
import { Ingest } from '../services/gallery/ingest.js';
import { MediaCheck } from '../services/gallery/media-check.js';
import { Jobs } from '../services/jobs.js';
import { SearchHistory } from '../services/search/history.js';
import { Search } from '../services/search/search.js';
import { UploadVectors } from '../services/search/upload-vectors.js';
import { SimilarityScales } from '../services/spaces/similarity-scales.js';
import type { Spaces } from '../services/spaces/spaces.js';
import type { Stores } from './open-stores.js';
import type { App, AppOptions } from './types.js';

export type Gallery = Pick<
  App,
  'albums' | 'mediaCheck' | 'changes' | 'history' | 'ingest' | 'memory' | 'search' | 'jobs' | 'atlas'
>;

/** The services on top of catalog, files and spaces: additions, searches, history, jobs, the atlas. */
export function openGallery(
  { config, logger, readOnly = false }: AppOptions,
  { catalog, media }: Stores,
  spaces: Spaces,
  closing: Closing,
): Gallery {
  const mediaCheck = closing.add(new MediaCheck({ catalog, media, logger }));
  const changes = new GalleryChanges();
  closing.step(async () => changes.close());
  const history = new SearchHistory({ catalog, limit: config.historyLimit, logger });
  closing.step(() => history.flush());
  const ingest = new Ingest({
    catalog,
    media,
    spaces,
    changes,
    maxBytes: config.maxUploadBytes,
    keepLocation: config.keepLocation === 'on',
    onRepaired: () => mediaCheck.refreshSoon(),
  });
  const memory = new ByteBudget(config.maxQueueBytes);
  const search = new Search({
    catalog,
    media,
    spaces,
    scales: new SimilarityScales(),
    history: readOnly || config.historyLimit === 0 ? null : history,
    maxBytes: config.maxUploadBytes,
    memory,
    uploadVectors: new UploadVectors(),
  });
  const albums = closing.add(new Albums(catalog));
  const jobs = closing.add(new Jobs({ logger }));
  const atlas = closing.add(
    new Atlas({
      catalog,
      dir: dataDirOf(config),
      logger,
      lowPriority: config.backgroundPriority === 'low',
    }),
  );
  return { albums, mediaCheck, changes, history, ingest, memory, search, jobs, atlas };
}
