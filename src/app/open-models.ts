import { dataDirOf, temporaryDirOf } from '../config.js';
import { openHubClient } from '../hub-client.js';
import type { Closing } from '../lib/closing.js';
import { SAMPLE_DIR } from '../project.js';
import type { Model } from '../services/embedding/model.js';
import { planWorkers } from '../services/embedding/plan.js';
import { samplesOfGroups } from '../services/gallery/sample-files.js';
import { Models } from '../services/models/models.js';
import { ModelSwitch } from '../services/spaces/model-switch.js';
import { dropSpace, spaceStates } from '../services/spaces/space-states.js';
import type { Spaces } from '../services/spaces/spaces.js';
import type { Gallery } from './open-gallery.js';
import type { Stores } from './open-stores.js';
import type { SpaceOpeners } from './space-openers.js';
import type { App, AppOptions } from './types.js';

export interface ModelParts {
  readonly stores: Stores;
  readonly gallery: Gallery;
  readonly spaces: Spaces;
  /** The model that will serve but does not yet. */
  readonly target: Model | null;
  readonly openers: SpaceOpeners;
  readonly concurrency: number;
}

/** Services that change models and spaces: the switch, pulls, uploads, and removal of what is unused. */
export function openModels(
  { config, logger }: AppOptions,
  { stores, gallery, spaces, target, openers, concurrency }: ModelParts,
  closing: Closing,
): Pick<App, 'modelSwitch' | 'models' | 'spaceStates' | 'dropSpace'> {
  const { catalog, media } = stores;
  const { jobs, atlas, memory } = gallery;
  const modelSwitch = new ModelSwitch({
    catalog,
    media,
    spaces,
    jobs,
    logger,
    modelsDir: config.modelsDir,
    setting: config.model,
    target,
    concurrency,
    memory: memory.background,
    ...openers,
  });
  const ids = () => ({
    servingId: spaces.serving.primary.model.spaceId,
    targetId: modelSwitch.target?.info.spaceId ?? null,
  });
  const dropUnused: App['dropSpace'] = (id) =>
    modelSwitch.order(async () => {
      const isRetiring = (spaceId: string): boolean => spaces.isRetiring(spaceId);
      const dropped = await dropSpace({ catalog, indexDir: config.indexDir, ...ids(), isRetiring }, id);
      if (dropped) await atlas.forget(id);
      return dropped;
    });
  const models = closing.add(
    new Models({
      catalog,
      media,
      spaces,
      jobs,
      modelSwitch,
      logger,
      modelsDir: config.modelsDir,
      temporaryDir: temporaryDirOf(dataDirOf(config)),
      hub: config.modelHub,
      openClient: () => openHubClient(config),
      plan: planWorkers({ workers: config.embedWorkers, threads: config.embedThreads }),
      samples: () => samplesOfGroups(SAMPLE_DIR),
      dropSpace: dropUnused,
    }),
  );
  return {
    modelSwitch,
    models,
    spaceStates: () => {
      const { servingId, targetId } = ids();
      return spaceStates(catalog, servingId, targetId);
    },
    dropSpace: dropUnused,
  };
}
