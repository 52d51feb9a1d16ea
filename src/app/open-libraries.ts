import { ownFoldersOf } from '../config.js';
import type { Closing } from '../lib/closing.js';
import { Libraries } from '../services/libraries/libraries.js';
import type { Spaces } from '../services/spaces/spaces.js';
import type { Gallery } from './open-gallery.js';
import type { Stores } from './open-stores.js';
import type { AppOptions } from './types.js';

/** Not started, since only a server follows libraries; a command just scans one. */
export function openLibraries(
  { config, logger }: AppOptions,
  { catalog }: Stores,
  { ingest, jobs, memory, changes }: Gallery,
  spaces: Spaces,
  concurrency: number,
  closing: Closing,
): Libraries {
  return closing.add(
    new Libraries({
      catalog,
      ingest,
      spaces,
      changes,
      jobs,
      logger,
      memory: memory.background,
      maxBytes: config.maxUploadBytes,
      keepLocation: config.keepLocation === 'on',
      concurrency,
      ownFolders: ownFoldersOf(config),
      rescanMs: config.libraryRescanMinutes * 60_000,
    }),
  );
}
