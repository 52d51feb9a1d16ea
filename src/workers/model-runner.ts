import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { AppError } from '../errors.js';
import { Serial } from '../lib/serial.js';
import type { Note } from '../lib/worker-pool/worker-process.js';
import { fromFailure } from '../lib/worker-pool/worker-protocol.js';
import type {
  EmbedInit,
  EmbedModel,
  EmbedNote,
  FromModelThread,
  ModelLoaded,
  ModelOutputs,
  ToModelThread,
} from '../services/embedding/protocol.js';
import type { DecodedImage } from '../services/media/decode.js';

/** Result of a run, and whether the model had to be loaded first. */
export interface ModelRun extends ModelOutputs {
  readonly loaded: ModelLoaded | null;
}

/** The right to run models until the task that received it ends. */
export interface Turn {
  /**
   * Loads the model first if necessary.
   * @throws AppError MODEL_MISMATCH, EMBEDDING_FAILED
   */
  run(model: EmbedModel, image: DecodedImage, patches: boolean): Promise<ModelRun>;
}

/**
 * The thread that runs the models of a worker, one at a time. It ends only with the process, since ending a thread during
 * a run aborts the process.
 */
export class ModelRunner implements Turn {
  readonly #thread: Worker;
  readonly #turns = new Serial();
  readonly #note: Note;
  readonly #loaded = new Set<string>();
  /** Why a model cannot be loaded. It is not retried for every picture, since that may take seconds while all wait. */
  readonly #broken = new Map<string, AppError>();
  /** The model without which nothing works; its runs are not announced. */
  readonly #first: string;

  private constructor(init: EmbedInit, first: EmbedModel, note: Note) {
    const { threads, executionProvider } = init;
    this.#thread = new Worker(new URL('./model-thread.js', import.meta.url), {
      workerData: { threads, executionProvider },
    });
    this.#first = first.spaceId;
    this.#note = note;
  }

  /** Starts the thread and loads the first model. @throws AppError MODEL_MISMATCH, EMBEDDING_FAILED */
  static async start(init: EmbedInit, note: Note): Promise<{ runner: ModelRunner; ready: ModelLoaded }> {
    const [first] = init.models;
    if (first === undefined) throw new Error('A worker needs at least one model.');
    const runner = new ModelRunner(init, first, note);
    return { runner, ready: await runner.#load(first) };
  }

  /** Runs the task when the models are free, in the order of the calls. */
  inTurn<Result>(task: (turn: Turn) => Promise<Result>): Promise<Result> {
    return this.#turns.run(() => task(this));
  }

  async run(model: EmbedModel, image: DecodedImage, patches: boolean): Promise<ModelRun> {
    const { spaceId } = model;
    const announced = spaceId !== this.#first;
    if (announced) this.#note({ spaceId } satisfies EmbedNote);
    try {
      const loaded = this.#loaded.has(spaceId) ? null : await this.#load(model);
      const { pixels, width, height } = image;
      const answer = await this.#ask({ kind: 'run', spaceId, pixels, width, height, patches });
      if (answer.kind !== 'outputs') throw unexpected(answer);
      return { vector: answer.vector, tokens: answer.tokens, loaded };
    } finally {
      if (announced) this.#note(null);
    }
  }

  /** Releases a model once its runs have ended. */
  unload(spaceId: string): Promise<void> {
    return this.#turns.run(async () => {
      this.#broken.delete(spaceId);
      if (this.#loaded.delete(spaceId)) await this.#ask({ kind: 'unload', spaceId });
    });
  }

  async #load(model: EmbedModel): Promise<ModelLoaded> {
    const known = this.#broken.get(model.spaceId);
    if (known !== undefined) throw known;
    try {
      const answer = await this.#ask({ kind: 'load', model });
      if (answer.kind !== 'loaded') throw unexpected(answer);
      this.#loaded.add(model.spaceId);
      return answer;
    } catch (error) {
      if (error instanceof AppError && error.code === 'MODEL_MISMATCH')
        this.#broken.set(model.spaceId, error);
      throw error;
    }
  }

  /** Rejects if the thread dies of an exception. */
  async #ask(message: ToModelThread): Promise<FromModelThread> {
    const answered = once(this.#thread, 'message') as Promise<[FromModelThread]>;
    this.#thread.postMessage(message);
    const [answer] = await answered;
    if (answer.kind === 'failed') throw fromFailure(answer.failure, 'EMBEDDING_FAILED');
    return answer;
  }
}

const unexpected = ({ kind }: FromModelThread): Error =>
  new Error(`Unexpected answer of the model thread: ${kind}`);
