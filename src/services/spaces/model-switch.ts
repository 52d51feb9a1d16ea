import { AppError, messageOf } from '../../errors.js';
import { Serial } from '../../lib/serial.js';
import { chooseModel, type Model } from '../embedding/model.js';
import type { JobReport, Jobs, StartedJob } from '../jobs.js';
import { replaceSpace, type ReplaceSpaceParts } from './replace-space.js';
import { META_TARGET, META_WANTED, readTarget, recordOf, type SwitchRecord } from './space-choice.js';

export type ModelSwitchPhase = 'WAITING' | 'FILLING' | 'FINISHING' | 'FAILED';

export interface ModelSwitchState {
  /** Ids of models. */
  readonly from: string;
  readonly to: string;
  readonly spaceId: string;
  /** WAITING: it has not begun, or resumes at the next start. */
  readonly state: ModelSwitchPhase;
  /** Pictures in the gallery, those with a vector, and those with a recorded reason for having none. */
  readonly total: number;
  readonly embedded: number;
  readonly failed: number;
  readonly jobId: string | null;
  readonly secondsLeft: number | null;
  /** Why it failed. */
  readonly message: string | null;
}

export interface ModelSwitchOptions extends ReplaceSpaceParts {
  readonly jobs: Jobs;
  readonly modelsDir: string;
  /** The setting: `auto` or a model's id. */
  readonly setting: string;
  /** The model that will serve, as determined at the start; null if it already serves. */
  readonly target: Model | null;
}

interface UnderWay extends StartedJob {
  readonly model: Model;
  phase: 'WAITING' | 'FILLING' | 'FINISHING';
}

/**
 * Changes the model of a gallery in use. The current space keeps serving until every picture has its vector in the new
 * one, or a recorded reason for having none; then the new one takes over in one step.
 *
 * Progress survives: the vectors and the target are in the catalog. After `kill -9` the next start serves the old space,
 * and `resume` continues.
 */
export class ModelSwitch {
  readonly #parts: ModelSwitchOptions;
  #target: Model | null;
  #underWay: UnderWay | null = null;
  /** Runs one order at a time. */
  readonly #orders = new Serial();

  constructor(options: ModelSwitchOptions) {
    this.#parts = options;
    this.#target = options.target;
  }

  /** The model that will serve but does not yet. */
  get target(): Model | null {
    return this.#target;
  }

  /** Starts or continues the pending change; null if there is none. */
  resume(): StartedJob | null {
    if (this.#underWay !== null) return this.#underWay;
    return this.#target === null ? null : this.#start(this.#target);
  }

  /**
   * Makes `id` the model of this gallery: it serves once it has every picture. A running change to another model is given
   * up. Choosing the serving model only ends such a change.
   * @throws AppError BAD_USER_INPUT if it does not exist or cannot be used, or if the settings name another one
   */
  choose(id: string): Promise<StartedJob> {
    return this.order(async () => {
      const { catalog, modelsDir, spaces } = this.#parts;
      this.assertMayChoose(id);
      const model = await chooseModel(modelsDir, id).catch((error: unknown) => {
        throw new AppError('BAD_USER_INPUT', messageOf(error), {
          details: { path: 'id', rule: 'the id of an installed and undamaged model' },
          cause: error,
        });
      });
      const { spaceId } = model.info;
      if (this.#underWay?.model.info.spaceId === spaceId) return this.#underWay;
      await this.#giveUp();
      await catalog.facts.set(META_WANTED, id);
      if (spaces.serving.primary.model.spaceId === spaceId) {
        await this.#forget();
        return this.#parts.jobs.start('MODEL_SWITCH', async (report) => report.total(0));
      }
      return this.#start(model);
    });
  }

  /** The model that the settings name, which takes precedence over every choice; null if they name none. */
  get pinned(): string | null {
    const { setting } = this.#parts;
    return setting === 'auto' ? null : setting;
  }

  /** @throws AppError BAD_USER_INPUT if the settings name another model */
  assertMayChoose(id: string): void {
    const { pinned } = this;
    if (pinned === null || pinned === id) return;
    throw new AppError(
      'BAD_USER_INPUT',
      `The setting MODEL is ${pinned}, which takes precedence: set MODEL=${id}, or MODEL=auto and choose again.`,
      { details: { path: 'MODEL', rule: 'auto, or the model to use' } },
    );
  }

  /** Records the current choice, so that MODEL=auto does not switch to a merely installed model at the next start. */
  keep(): Promise<void> {
    return this.order(async () => {
      const { catalog, spaces } = this.#parts;
      if ((await catalog.facts.get(META_WANTED)) !== null) return;
      await catalog.facts.set(META_WANTED, this.#target?.info.id ?? spaces.serving.primary.model.id);
    });
  }

  /**
   * Gives up the running or pending change: the serving model is chosen again.
   * @returns whether it was given up; false if there was none, or if it finished first
   */
  cancel(): Promise<boolean> {
    return this.order(async () => {
      const { catalog, spaces } = this.#parts;
      await this.#giveUp();
      if (this.#target === null) return false;
      await catalog.facts.set(META_WANTED, spaces.serving.primary.model.id);
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
    const { id, spaceId } = target.info;
    const { images, vectors, failed } = await catalog.vectors.coverage(spaceId);
    const job = underWay === null ? undefined : jobs.get(underWay.job.id);
    return {
      from: spaces.serving.primary.model.id,
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
    return this.#orders.run(task);
  }

  async #giveUp(): Promise<void> {
    const underWay = this.#underWay;
    if (underWay === null) return;
    this.#parts.jobs.cancel(underWay.job.id);
    await underWay.finished;
  }

  async #forget(): Promise<void> {
    this.#target = null;
    await this.#parts.catalog.facts.set(META_TARGET, null);
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
    const { id, spaceId, dimension } = model.info;
    const record = (problem: string | null): string =>
      JSON.stringify({ ...recordOf(model), problem } satisfies SwitchRecord);
    try {
      await catalog.vectors.ensureSpace({ id: spaceId, modelId: id, dimension });
      await catalog.facts.set(META_TARGET, record(null));
      await replaceSpace(model, report, this.#parts, {
        onPhase: (phase) => this.#setPhase(phase),
        onReplaced: () => (this.#target = null),
      });
    } catch (error) {
      // The old space keeps serving in any case. An interruption is not a failure: the change continues next time.
      if (!report.signal.aborted) {
        logger.error({ model: id, spaceId, error: messageOf(error) }, 'The change of model failed');
        await catalog.facts.set(META_TARGET, record(messageOf(error))).catch(() => {});
      }
      throw error;
    }
  }
}
