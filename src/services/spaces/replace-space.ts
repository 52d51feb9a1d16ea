import { AppError, messageOf } from '../../errors.js';
import type { Catalog } from '../catalog/types.js';
import type { Coverage } from '../catalog/vector-types.js';
import type { Model } from '../embedding/model.js';
import type { Embedder } from '../embedding/types.js';
import type { JobReport } from '../jobs.js';
import type { VectorIndex } from '../vector-index/vector-index.js';
import { SpaceFiller, type FillParts } from './fill-space.js';
import { META_SERVING, META_TARGET, recordOf } from './space-choice.js';
import type { Space, Spaces } from './spaces.js';

/** At most this many are embedded inside the exclusive step. */
const LAST_PICTURES = 8;
/** With fewer than this to go, or after this many rounds, new pictures get their vector of the new space at once. */
const NEARLY_ALL = 64;
const MOST_ROUNDS = 4;

export interface ReplaceSpaceParts extends FillParts {
  readonly spaces: Spaces;
  /** @param background runs when nothing else wants the cores */
  readonly openEmbedder: (model: Model, options: { background: boolean }) => Promise<Embedder>;
  readonly openIndex: (model: Model) => Promise<VectorIndex>;
}

export interface ReplaceSpaceEvents {
  readonly onPhase: (phase: 'FILLING' | 'FINISHING') => void;
  /** Called within the step, before anybody sees the new space. */
  readonly onReplaced: () => void;
}

/**
 * Gives every picture its vector in another space, or a recorded reason for having none; then, in one step, that space
 * serves. Whatever fails, the space that served goes on.
 */
export async function replaceSpace(
  model: Model,
  report: JobReport,
  parts: ReplaceSpaceParts,
  { onPhase, onReplaced }: ReplaceSpaceEvents,
): Promise<void> {
  const { catalog, spaces, logger, openEmbedder, openIndex } = parts;
  const { id, spaceId } = model.info;
  const from = spaces.serving.primary.model.id;
  const filler = new SpaceFiller(parts, report);
  const start = performance.now();
  logger.info({ from, to: id, spaceId, ...(await catalog.vectors.coverage(spaceId)) }, 'Changing the model');
  onPhase('FILLING');

  const index = await openIndex(model);
  let embedder: Embedder | null = null;
  const enter = async (background: boolean): Promise<Space> => {
    embedder = await openEmbedder(model, { background });
    const space: Space = { feature: 'semantic', model: model.info, embedder, index };
    const isFirst = spaces.filling === null;
    spaces.setFilling(space, !background);
    if (isFirst) await dropRemoved(catalog, index);
    return space;
  };
  try {
    const { vectors, images } = await catalog.vectors.coverage(spaceId);
    if (vectors < images) {
      const space = await enter(true);
      await filler.fillAll(space);
      for (let round = 1; round < MOST_ROUNDS; round++) {
        if ((await catalog.vectors.coverage(spaceId)).pending < NEARLY_ALL) break;
        await filler.fillPending(space);
      }
      // A process that was given low priority cannot be raised again: others take over.
      await space.embedder.close();
    }
    report.signal.throwIfAborted();
    const space = await enter(false);
    onPhase('FINISHING');
    let covered: Coverage | null = null;
    while (covered === null) {
      await filler.fillPending(space);
      await index.settled();
      report.signal.throwIfAborted();
      covered = await spaces.exclusively(() => finish(space, filler, parts, onReplaced));
    }
    const seconds = Math.round((performance.now() - start) / 1000);
    logger.info(
      { from, to: id, spaceId, ...covered, seconds },
      `The model is changed: of ${covered.images} pictures ${covered.vectors} have their vector, and ${covered.failed} a recorded reason for having none`,
    );
  } catch (error) {
    spaces.setFilling(null);
    for (const part of [embedder as Embedder | null, index]) {
      await part
        ?.close()
        .catch((failure: unknown) =>
          logger.warn(
            { error: messageOf(failure) },
            'a part of the space that was being filled could not be closed',
          ),
        );
    }
    report.signal.throwIfAborted();
    throw error;
  }
}

/**
 * The step itself, while nothing else changes the gallery.
 * @returns null when there is still something to do, which is not done here since others wait
 */
async function finish(
  space: Space,
  filler: SpaceFiller,
  { catalog, spaces }: ReplaceSpaceParts,
  onReplaced: () => void,
): Promise<Coverage | null> {
  const { model, index } = space;
  const { spaceId } = model;
  const rest = await catalog.vectors.idsPending(spaceId, 0, LAST_PICTURES + 1);
  if (rest.length > LAST_PICTURES) return null;
  for (const id of rest) if (!(await filler.tryOnce(space, id))) return null;
  // One answer for both: nothing else changes the gallery now, but a graph may be begun at any time.
  const { rebuilding, size } = await index.status();
  if (rebuilding) return null;
  const { vectors } = await catalog.vectors.coverage(spaceId);
  if (size !== vectors) {
    throw new AppError(
      'INDEX_CORRUPT',
      `The index of ${spaceId} has ${size} vectors, the catalog has ${vectors}: the change of model was not made.`,
    );
  }
  const covered = await catalog.vectors.setFactsWhenCovered(spaceId, {
    [META_SERVING]: JSON.stringify(recordOf({ info: model })),
    [META_TARGET]: null,
  });
  if (covered.pending > 0) return null;
  spaces.replace(space);
  onReplaced();
  return covered;
}

/** Pictures that were removed while the index was being read from the catalog, before removals reached it. */
async function dropRemoved(catalog: Catalog, index: VectorIndex): Promise<void> {
  const gone = new Set(await index.labels());
  for await (const page of catalog.images.hashes()) for (const { id } of page) gone.delete(id);
  if (gone.size > 0) await index.remove([...gone]);
}
