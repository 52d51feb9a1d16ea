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

/** At most this many pictures are embedded inside the exclusive step. */
const LAST_PICTURES = 8;
/** With fewer pictures left, or after this many rounds, new pictures get their vector in the new space at once. */
const NEARLY_ALL = 64;
const MOST_ROUNDS = 4;

export interface ReplaceSpaceParts extends FillParts {
  readonly spaces: Spaces;
  /** @param background runs only when the cores are otherwise idle */
  readonly openEmbedder: (model: Model, options: { background: boolean }) => Promise<Embedder>;
  readonly openIndex: (model: Model) => Promise<VectorIndex>;
}

export interface ReplaceSpaceEvents {
  readonly onPhase: (phase: 'FILLING' | 'FINISHING') => void;
  /** Called within the step, before the new space is visible. */
  readonly onReplaced: () => void;
}

/**
 * Gives every picture its vector in another space, or a recorded reason for having none; then that space takes over in
 * one step. If anything fails, the old space keeps serving.
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
      // A process of low priority cannot be raised again, so new ones replace them.
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
      `The model has been changed: of ${covered.images} pictures ${covered.vectors} have their vector, and ${covered.failed} a recorded reason for having none`,
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
 * The exclusive step, while nothing else changes the gallery.
 * @returns null if too much is left to do while others wait
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
  // Both from one answer: nothing else changes the gallery now, but a graph build may start at any time.
  const { rebuilding, size } = await index.status();
  if (rebuilding) return null;
  const { vectors } = await catalog.vectors.coverage(spaceId);
  if (size !== vectors) {
    throw new AppError(
      'INDEX_CORRUPT',
      `The index of ${spaceId} has ${size} vectors, the catalog has ${vectors}: the model was not changed.`,
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

/** Removes pictures that were deleted while the index was being read from the catalog, before removals reached it. */
async function dropRemoved(catalog: Catalog, index: VectorIndex): Promise<void> {
  const gone = new Set(await index.labels());
  for await (const page of catalog.images.hashes()) for (const { id } of page) gone.delete(id);
  if (gone.size > 0) await index.remove([...gone]);
}
