import { AppError, messageOf } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { Catalog } from '../catalog/types.js';
import { chooseModel, foldersOf, loadModel, type Model } from '../embedding/model.js';

/**
 * What the catalog records about spaces, under these keys:
 * `serving-space`, the space that searches use (a `SpaceRecord`);
 * `switch-target`, the space that will serve next, until it does (a `SwitchRecord`);
 * `wanted-model`, the model id that was last chosen by command, which MODEL=auto uses.
 */
export const META_SERVING = 'serving-space';
export const META_TARGET = 'switch-target';
export const META_WANTED = 'wanted-model';

export interface SpaceRecord {
  readonly modelId: string;
  readonly spaceId: string;
}

export interface SwitchRecord extends SpaceRecord {
  /** Why the last attempt failed, as a sentence; null if none did. */
  readonly problem: string | null;
}

export const recordOf = ({ info: { id, spaceId } }: Pick<Model, 'info'>): SpaceRecord => ({
  modelId: id,
  spaceId,
});

export async function readServing(catalog: Pick<Catalog, 'facts'>): Promise<SpaceRecord | null> {
  const { modelId, spaceId } = parse(await catalog.facts.get(META_SERVING));
  return typeof modelId === 'string' && typeof spaceId === 'string' ? { modelId, spaceId } : null;
}

export async function readTarget(catalog: Pick<Catalog, 'facts'>): Promise<SwitchRecord | null> {
  const { modelId, spaceId, problem } = parse(await catalog.facts.get(META_TARGET));
  return typeof modelId === 'string' && typeof spaceId === 'string'
    ? { modelId, spaceId, problem: typeof problem === 'string' ? problem : null }
    : null;
}

function parse(text: string | null): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {}; // not written by us; its content is determined again
  }
}

export interface SpaceChoice {
  readonly serving: Model;
  /** The chosen model, if it is not the serving one. */
  readonly target: Model | null;
}

export interface SpaceChoiceOptions {
  readonly catalog: Catalog;
  readonly modelsDir: string;
  /** The setting: `auto` or a model's id. */
  readonly model: string;
  readonly logger: Logger;
}

/**
 * Decides which space serves and which one is next. The chosen model serves at once if nothing is lost by it; otherwise
 * the previous one keeps serving until the chosen one has every picture.
 *
 * An id in the settings takes precedence. `auto` means the model that was chosen by command, otherwise the best available.
 *
 * @throws AppError MODEL_MISSING, MODEL_MISMATCH if the model of the settings, or the only available one, cannot be used
 */
export async function chooseSpaces(options: SpaceChoiceOptions): Promise<SpaceChoice> {
  const { catalog, logger } = options;
  const images = await catalog.images.count();
  const recorded = images === 0 ? null : await readServing(catalog);
  const wanted = await wantedModel(options, recorded);
  const alone = (serving: Model): SpaceChoice => ({ serving, target: null });
  if (images === 0 || recorded?.spaceId === wanted.info.spaceId) return alone(wanted);

  const serving = recorded === null ? await fullest(options, wanted) : await modelOf(options, recorded);
  if (serving === null) {
    if (recorded !== null && (await catalog.vectors.count(recorded.spaceId)) > 0) {
      logger.warn(
        { model: recorded.modelId, spaceId: recorded.spaceId, serves: wanted.info.id },
        'The model that made the vectors is gone or has changed, so they cannot be searched: ' +
          'another model serves at once, and pictures can be found again as they get their vectors from it',
      );
    }
    return alone(wanted);
  }
  const { spaceId } = serving.info;
  if (spaceId === wanted.info.spaceId || (await catalog.vectors.count(spaceId)) === 0) return alone(wanted);
  return { serving, target: wanted };
}

async function wantedModel(options: SpaceChoiceOptions, serving: SpaceRecord | null): Promise<Model> {
  const { catalog, modelsDir, model, logger } = options;
  if (model !== 'auto') return chooseModel(modelsDir, model);
  const chosen = await catalog.facts.get(META_WANTED);
  if (chosen !== null) {
    try {
      return await chooseModel(modelsDir, chosen);
    } catch (error) {
      logger.warn({ model: chosen, problem: messageOf(error) }, 'The chosen model cannot be used');
      const goesOn = serving && (await modelOf(options, serving));
      if (goesOn) return goesOn;
    }
  }
  try {
    return await chooseModel(modelsDir, 'auto');
  } catch (error) {
    if (serving === null || !(error instanceof AppError) || error.code !== 'MODEL_MISSING') throw error;
    return chooseModel(modelsDir, serving.modelId).catch(() => {
      throw error; // of the two errors, the one that lists the available models
    });
  }
}

/** The model of a recorded space, if its files exist and are unchanged. */
async function modelOf(
  { modelsDir }: SpaceChoiceOptions,
  { modelId, spaceId }: SpaceRecord,
): Promise<Model | null> {
  for (const folder of await foldersOf(modelsDir, modelId)) {
    const model = await loadModel(folder).catch(() => null);
    if (model?.info.spaceId === spaceId) return model;
  }
  return null;
}

/** If no space is recorded yet: among those whose model exists, the one with the most vectors. */
async function fullest(options: SpaceChoiceOptions, wanted: Model): Promise<Model | null> {
  const { catalog } = options;
  const counted = [];
  for (const { id, modelId } of await catalog.vectors.spaces())
    counted.push({ spaceId: id, modelId, vectors: await catalog.vectors.count(id) });
  counted.sort(
    (a, b) =>
      b.vectors - a.vectors ||
      Number(b.spaceId === wanted.info.spaceId) - Number(a.spaceId === wanted.info.spaceId),
  );
  for (const space of counted) {
    if (space.vectors === 0) break;
    if (space.spaceId === wanted.info.spaceId) return wanted;
    const model = await modelOf(options, space);
    if (model !== null) return model;
  }
  return null;
}
