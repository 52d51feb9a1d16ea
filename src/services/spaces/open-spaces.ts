import { AppError, messageOf } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { Catalog } from '../catalog/types.js';
import type { Model } from '../embedding/model.js';
import type { Embedder } from '../embedding/types.js';
import type { VectorIndex } from '../vector-index/vector-index.js';
import { META_SERVING, META_TARGET, readTarget, recordOf, type SpaceChoice } from './space-choice.js';
import { Spaces, type Space } from './spaces.js';

export interface OpenSpacesOptions {
  readonly catalog: Catalog;
  /** The recorded choice. */
  readonly choice: SpaceChoice;
  /** If true, nothing is recorded. */
  readonly readOnly: boolean;
  readonly logger: Logger;
  readonly openEmbedder: (model: Model) => Promise<Embedder>;
  readonly openIndex: (model: Model) => Promise<VectorIndex>;
}

export interface OpenedSpaces extends SpaceChoice {
  readonly spaces: Spaces;
}

/**
 * Opens the serving space. If its model can no longer be run, the next one serves at once.
 * @throws AppError MODEL_MISMATCH, MODEL_MISSING, EMBEDDING_FAILED, STORAGE_FAILED
 */
export async function openSpaces(options: OpenSpacesOptions): Promise<OpenedSpaces> {
  const { catalog, choice, readOnly, logger } = options;
  const { serving, target } = choice;
  try {
    return { ...choice, spaces: new Spaces([await openSpace(serving, options)]) };
  } catch (error) {
    if (readOnly || target === null || !isModelsFailure(error)) throw error;
    logger.warn(
      { model: serving.info.id, serves: target.info.id, error: messageOf(error) },
      'The model that served can no longer be run: another one serves at once, and pictures can be found again as they get their vectors from it',
    );
    const next = await recordChoice(catalog, { serving: target, target: null });
    return { ...next, spaces: new Spaces([await openSpace(next.serving, options)]) };
  }
}

/** Records the serving space and the next one; a next space that already has every picture serves at once. */
export async function recordChoice(catalog: Catalog, { serving, target }: SpaceChoice): Promise<SpaceChoice> {
  for (const { info } of [serving, ...(target === null ? [] : [target])])
    await catalog.vectors.ensureSpace({
      id: info.spaceId,
      modelId: info.id,
      dimension: info.dimension,
    });
  if (target !== null) {
    const { spaceId } = target.info;
    if ((await catalog.vectors.count(spaceId)) > 0) {
      const record = { [META_SERVING]: JSON.stringify(recordOf(target)), [META_TARGET]: null };
      if ((await catalog.vectors.setFactsWhenCovered(spaceId, record)).pending === 0)
        return { serving: target, target: null };
    }
  }
  await catalog.facts.set(META_SERVING, JSON.stringify(recordOf(serving)));
  const due = await readTarget(catalog);
  if (due?.spaceId !== target?.info.spaceId)
    await catalog.facts.set(META_TARGET, target && JSON.stringify({ ...recordOf(target), problem: null }));
  return { serving, target };
}

const isModelsFailure = (error: unknown): boolean =>
  error instanceof AppError && ['MODEL_MISMATCH', 'MODEL_MISSING', 'EMBEDDING_FAILED'].includes(error.code);

/** Opens embedder and index concurrently, since both are slow; if one fails, the other is closed again. */
async function openSpace(model: Model, { openEmbedder, openIndex }: OpenSpacesOptions): Promise<Space> {
  const [embedder, index] = await Promise.allSettled([openEmbedder(model), openIndex(model)]);
  if (embedder.status === 'fulfilled' && index.status === 'fulfilled')
    return { feature: 'semantic', model: model.info, embedder: embedder.value, index: index.value };
  for (const part of [embedder, index]) if (part.status === 'fulfilled') await part.value.close();
  throw [embedder, index].find((part) => part.status === 'rejected')?.reason;
}
