import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config.js';
import { PROJECT_DIR } from '../../project.js';
import { messageOf } from '../../errors.js';
import { silentLogger } from '../../logger.js';
import { note } from '../output/output.js';

/** Ids of models, as recorded in the catalog. */
export interface ServingModels {
  /** It answers searches; null if no model has served yet. */
  readonly serving: string | null;
  /** It will serve once every picture has its vector. */
  readonly next: string | null;
  /** The one that MODEL=auto stands for, when one was chosen with `models use`. */
  readonly wanted: string | null;
}

const NOTHING: ServingModels = { serving: null, next: null, wanted: null };

/** Also works beside a running server. If it cannot be read, a note says so and nothing is known. */
export async function readServingModels({
  databaseUrl,
}: Pick<Config, 'databaseUrl'>): Promise<ServingModels> {
  const there = await stat(databaseUrl.slice('file:'.length)).catch(() => null);
  if (there === null) return NOTHING;
  try {
    const { openCatalog } = await import('../../services/catalog/catalog.js');
    const { META_WANTED, readServing, readTarget } = await import('../../services/spaces/space-choice.js');
    const catalog = await openCatalog({
      databaseUrl,
      migrationsDir: join(PROJECT_DIR, 'prisma', 'migrations'),
      logger: silentLogger,
      readOnly: true,
    });
    try {
      return {
        serving: (await readServing(catalog))?.modelId ?? null,
        next: (await readTarget(catalog))?.modelId ?? null,
        wanted: await catalog.facts.get(META_WANTED),
      };
    } finally {
      await catalog.close();
    }
  } catch (error) {
    note(`Cannot find out which model the gallery uses: ${messageOf(error)}`);
    return NOTHING;
  }
}
