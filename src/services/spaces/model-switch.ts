import { AppError, messageOf } from '../../errors.js';
import type { ByteShare } from '../../lib/byte-budget.js';
import type { Logger } from '../../logger.js';
import type { Catalog, Coverage } from '../catalog/types.js';
import { chooseModel, type Model } from '../embedding/model.js';
import type { Embedder } from '../embedding/types.js';
import { SpaceFiller } from './fill-space.js';
import type { Job, JobReport, Jobs } from '../jobs.js';
import type { MediaStore } from '../media/types.js';
import {
  META_SERVING,
  META_TARGET,
  META_WANTED,
  readTarget,
  recordOf,
  type SwitchRecord,
} from './space-choice.js';
import type { Space, Spaces } from './spaces.js';
import type { VectorIndex } from '../vector-index/vector-index.js';

/** So few pictures are embedded while additions and removals wait. */
const LAST_PICTURES = 8;
/** With fewer than this to go, or after so many rounds, new pictures get their vector of the new space at once. */
const NEARLY_ALL = 64;
const MOST_ROUNDS = 4;

export type ModelSwitchPhase = 'WAITING' | 'FILLING' | 'FINISHING' | 'FAILED';

export interface ModelSwitchState {
  /** Ids of models. */
  readonly from: string;
  readonly to: string;
  readonly spaceId: string;
  /** WAITING: it has not begun, or begins again at the next start. */
  readonly state: ModelSwitchPhase;
  /** Pictures of the gallery, and of them those that have a vector, or a recorded reason for having none. */
  readonly total: number;
  readonly embedded: number;
  readonly failed: number;
  readonly jobId: string | null;
  readonly secondsLeft: number | null;
  /** Why it failed. */
  readonly message: string | null;
}

export interface StartedJob {
  readonly job: Job;
  /** Its last state; never rejects. */
  readonly finished: Promise<Job>;
}

export interface ModelSwitchOptions {
  readonly catalog: Catalog;
  readonly media: MediaStore;
  readonly spaces: Spaces;
  readonly jobs: Jobs;
  readonly logger: Logger;
  readonly modelsDir: string;
  /** The setting: `auto` or a model's id. */
  readonly setting: string;
  /** The model that is to serve, as it was found at the start; null when it does. */
  readonly target: Model | null;
  readonly concurrency: number;
  readonly memory: ByteShare;
  /** @param background runs when nothing else wants the cores */
  readonly openEmbedder: (model: Model, options: { background: boolean }) => Promise<Embedder>;
  readonly openIndex: (model: Model) => Promise<VectorIndex>;
}

interface UnderWay extends StartedJob {
  readonly model: Model;
  phase: 'WAITING' | 'FILLING' | 'FINISHING';
}

/**
 * Changes the model of a gallery that is in use. The space that serves goes on until every picture has its vector in
 * the new one, or a recorded reason for having none; then, in one step, the new one serves.
 *
 * What is done survives: vectors are in the catalog, and so is what is to serve. After `kill -9` the next start serves
 * what served, and `resume` goes on.
 */
export class ModelSwitch {
  readonly #parts: ModelSwitchOptions;
  #target: Model | null;
  #underWay: UnderWay | null = null;
  /** One order at a time. */
  #orders: Promise<unknown> = Promise.resolve();

  constructor(options: ModelSwitchOptions) {
    this.#parts = options;
    this.#target = options.target;
  }

  /** The model that is to serve and does not yet. */
  get target(): Model | null {
    return this.#target;
  }

  /** Begins the change that is due, or goes on with it; null when none is. */
  resume(): StartedJob | null {
    if (this.#underWay !== null) return this.#underWay;
    return this.#target === null ? null : this.#start(this.#target);
  }

  /**
   * From now on `id` is the model of this gallery: it begins to serve when it has every picture. A change to another
   * model that is under way is given up. Choosing the model that serves ends such a change and does nothing else.
   * @throws AppError BAD_USER_INPUT when it is not there or cannot be used, or the settings name another one
   */
  choose(id: string): Promise<StartedJob> {
    return this.order(async () => {
      const { catalog, modelsDir, spaces } = this.#parts;
      this.assertMayChoose(id);
      const model = await chooseModel(modelsDir, id).catch((error: unknown) => {
        throw new AppError('BAD_USER_INPUT', messageOf(error), {
          details: { path: 'id', rule: 'the id of a model that is installed and whole' },
          cause: error,
        });
      });
      const { spaceId } = model.description;
      if (this.#underWay?.model.description.spaceId === spaceId) return this.#underWay;
      await this.#giveUp();
      await catalog.setMeta(META_WANTED, id);
      if (spaces.serving.model.spaceId === spaceId) {
        await this.#forget();
        return this.#parts.jobs.start('MODEL_SWITCH', async (report) => report.total(0));
      }
      return this.#start(model);
    });
  }

  /** The model that the settings name, which wins over every choice; null when they leave it open. */
  get pinned(): string | null {
    const { setting } = this.#parts;
    return setting === 'auto' ? null : setting;
  }

  /** @throws AppError BAD_USER_INPUT when the settings name another model */
  assertMayChoose(id: string): void {
    const { pinned } = this;
    if (pinned === null || pinned === id) return;
    throw new AppError(
      'BAD_USER_INPUT',
      `The setting MODEL is ${pinned}, and it wins: set MODEL=${id}, or MODEL=auto and choose again.`,
      { details: { path: 'MODEL', rule: 'auto, or the model to use' } },
    );
  }

  /** A model that was only installed is not to serve by itself after the next start, as MODEL=auto might have it. */
  keep(): Promise<void> {
    return this.order(async () => {
      const { catalog, spaces } = this.#parts;
      if ((await catalog.meta(META_WANTED)) !== null) return;
      await catalog.setMeta(META_WANTED, this.#target?.description.id ?? spaces.serving.model.id);
    });
  }

  /**
   * Gives up the change that is under way or due: the model that serves is chosen again.
   * @returns whether it was given up; false when none was due, or it was done before it could be
   */
  cancel(): Promise<boolean> {
    return this.order(async () => {
      const { catalog, spaces } = this.#parts;
      await this.#giveUp();
      if (this.#target === null) return false;
      await catalog.setMeta(META_WANTED, spaces.serving.model.id);
      await this.#forget();
      return true;
    });
  }

  async state(): Promise<ModelSwitchState | null> {
    const { catalog, spaces, jobs } = this.#parts;
    const target = this.#target;
    if (target === null) return null;
    const underWay = this.#underWay;
    const problem = underWay === null ? ((await readTarget(catalog))?.problem ?? null) : null;
    const { id, spaceId } = target.description;
    const { images, vectors, failed } = await catalog.coverage(spaceId);
    const job = underWay === null ? undefined : jobs.get(underWay.job.id);
    return {
      from: spaces.serving.model.id,
      to: id,
      spaceId,
      state: problem !== null ? 'FAILED' : (underWay?.phase ?? 'WAITING'),
      total: images,
      embedded: vectors,
      failed,
      jobId: job?.id ?? null,
      secondsLeft: job?.secondsLeft ?? null,
      message: problem,
    };
  }

  /** Runs a task while no model is chosen and no change is given up. */
  order<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#orders.then(task);
    this.#orders = result.catch(() => {});
    return result;
  }

  async #giveUp(): Promise<void> {
    const underWay = this.#underWay;
    if (underWay === null) return;
    this.#parts.jobs.cancel(underWay.job.id);
    await underWay.finished;
  }

  async #forget(): Promise<void> {
    this.#target = null;
    await this.#parts.catalog.setMeta(META_TARGET, null);
  }

  #start(model: Model): StartedJob {
    this.#target = model;
    const { job, finished } = this.#parts.jobs.start('MODEL_SWITCH', (report) => this.#run(model, report));
    const underWay: UnderWay = { job, finished, model, phase: 'WAITING' };
    this.#underWay = underWay;
    const ended = (): void => {
      if (this.#underWay === underWay) this.#underWay = null;
    };
    finished.then(ended, ended);
    return underWay;
  }

  #setPhase(phase: UnderWay['phase']): void {
    if (this.#underWay !== null) this.#underWay.phase = phase;
  }

  async #run(model: Model, report: JobReport): Promise<void> {
    const { catalog, logger } = this.#parts;
    const { id, spaceId, dimension } = model.description;
    const record = (problem: string | null): string =>
      JSON.stringify({ ...recordOf(model), problem } satisfies SwitchRecord);
    try {
      await catalog.ensureSpace({ id: spaceId, modelId: id, dimension });
      await catalog.setMeta(META_TARGET, record(null));
      await this.#fillAndReplace(model, report);
    } catch (error) {
      // Whatever comes of it, the space that served goes on. An interruption is no failure: it goes on next time.
      if (!report.signal.aborted) {
        logger.error({ model: id, spaceId, error: messageOf(error) }, 'The change of model failed');
        await catalog.setMeta(META_TARGET, record(messageOf(error))).catch(() => {});
      }
      throw error;
    }
  }

  async #fillAndReplace(model: Model, report: JobReport): Promise<void> {
    const { catalog, spaces, logger, openEmbedder, openIndex } = this.#parts;
    const { id, spaceId } = model.description;
    const from = spaces.serving.model.id;
    const filler = new SpaceFiller(this.#parts, report);
    const start = performance.now();
    logger.info({ from, to: id, spaceId, ...(await catalog.coverage(spaceId)) }, 'Changing the model');
    this.#setPhase('FILLING');

    const index = await openIndex(model);
    let embedder: Embedder | null = null;
    const enter = async (background: boolean): Promise<Space> => {
      embedder = await openEmbedder(model, { background });
      const space: Space = { model: model.description, embedder, index };
      const isFirst = spaces.filling === null;
      spaces.setFilling(space, !background);
      if (isFirst) await this.#dropRemoved(index);
      return space;
    };
    try {
      const { vectors, images } = await catalog.coverage(spaceId);
      if (vectors < images) {
        const space = await enter(true);
        await filler.fillAll(space);
        for (let round = 1; round < MOST_ROUNDS; round++) {
          if ((await catalog.coverage(spaceId)).pending < NEARLY_ALL) break;
          await filler.fillPending(space);
        }
        // A process that was given low priority cannot be raised again: others take over.
        await space.embedder.close();
      }
      report.signal.throwIfAborted();
      const space = await enter(false);
      this.#setPhase('FINISHING');
      let covered: Coverage | null = null;
      while (covered === null) {
        await filler.fillPending(space);
        await index.settled();
        report.signal.throwIfAborted();
        covered = await spaces.exclusively(() => this.#replace(space, filler));
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
  async #replace(space: Space, filler: SpaceFiller): Promise<Coverage | null> {
    const { catalog, spaces } = this.#parts;
    const { model, index } = space;
    const { spaceId } = model;
    const rest = await catalog.idsPending(spaceId, 0, LAST_PICTURES + 1);
    if (rest.length > LAST_PICTURES) return null;
    for (const id of rest) if (!(await filler.tryOnce(space, id))) return null;
    if (index.status().rebuilding) return null;
    const { vectors } = await catalog.coverage(spaceId);
    if (index.size !== vectors) {
      throw new AppError(
        'INDEX_CORRUPT',
        `The index of ${spaceId} has ${index.size} vectors, the catalog has ${vectors}: the change of model was not made.`,
      );
    }
    const covered = await catalog.setMetaWhenCovered(spaceId, {
      [META_SERVING]: JSON.stringify(recordOf({ description: model })),
      [META_TARGET]: null,
    });
    if (covered.pending > 0) return null;
    spaces.replace(space);
    this.#target = null;
    return covered;
  }

  /** Pictures that were removed while the index was being read from the catalog, before removals reached it. */
  async #dropRemoved(index: VectorIndex): Promise<void> {
    const gone = new Set(index.labels());
    for await (const page of this.#parts.catalog.hashes()) for (const { id } of page) gone.delete(id);
    if (gone.size > 0) await index.remove([...gone]);
  }
}
