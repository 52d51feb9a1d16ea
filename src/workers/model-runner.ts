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

/** What became of a run, and whether the model had to be loaded first. */
export interface ModelRun extends ModelOutputs {
  readonly loaded: ModelLoaded | null;
}

/** The right to run models, until the task that was given it ends. */
export interface Turn {
  /**
   * Loads the model first when it is not.
   * @throws AppError MODEL_MISMATCH, EMBEDDING_FAILED
   */
  run(model: EmbedModel, image: DecodedImage, patches: boolean): Promise<ModelRun>;
}

/**
 * The thread in which the models of a worker run, one at a time. It is never ended but with the process, since ending a
 * thread during a run aborts the process.
 */
export class ModelRunner implements Turn {
  readonly #thread: Worker;
  readonly #turns = new Serial();
  readonly #note: Note;
  readonly #loaded = new Set<string>();
  /** Why a model cannot be loaded. It is not tried again for every picture: that may take seconds, and all would wait. */
  readonly #broken = new Map<string, AppError>();
  /** The model whose death would be everybody's: it is run unannounced. */
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

  /** Gives back what a model holds, once what was asked of it is done. */
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

  /** Rejects when the thread dies of an exception. */
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
