import './no-telemetry.js';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { serveJobs, type WorkerService } from '../lib/worker-pool/worker-process.js';
import { fromFailure } from '../lib/worker-pool/worker-protocol.js';
import { planResize } from '../services/embedding/preprocess.js';
import type {
  EmbedAnswer,
  EmbedInit,
  EmbedJob,
  EmbedReady,
  EmbedRequest,
  EmbedResponse,
  FromModelThread,
  ModelOutputs,
  ToModelThread,
} from '../services/embedding/protocol.js';
import { makeSwatch, SWATCH_SIZE } from '../services/embedding/swatch.js';
import {
  configureDecoder,
  decodeImage,
  encodeThumbnail,
  type DecodedImage,
} from '../services/media/decode.js';
import { PatchPictures } from './patch-pictures.js';

/** Longest side of the thumbnail for the search history. */
const THUMBNAIL_SIDE = 160;

/**
 * Embeds pictures. Each is decoded as soon as it arrives, on libuv's threads (there are 4, one more than the pool's
 * window); the model runs in a thread of its own, one picture after the other in their order of arrival.
 */
async function start(init: EmbedInit): Promise<WorkerService<EmbedJob, EmbedAnswer>> {
  const startedAt = performance.now();
  // One thread per picture: with several pictures under way more would only contend with the model's.
  configureDecoder({ threads: 1 });
  const { preprocess } = init.definition;
  const model = await startModelThread(init);

  const decode = (bytes: Uint8Array): Promise<DecodedImage> =>
    decodeImage(bytes, { maxPixels: init.maxPixels, plan: (upright) => planResize(preprocess, upright) });

  /** Settles when the model is free for the next picture. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(task: () => Promise<Result>): Promise<Result> => {
    const running = turn.then(task);
    turn = running.catch(() => {});
    return running;
  };

  const patchPictures = new PatchPictures(init.definition, async (bytes) => {
    const decoding = decode(bytes);
    const running = inTurn(async () => (await model.run(await decoding, true)).tokens as Float32Array);
    return { image: await decoding, tokens: await running };
  });

  return {
    ready: { loadMs: performance.now() - startedAt, ...model.provider } satisfies EmbedReady,

    async run(job, body, signal) {
      switch (job.kind) {
        case 'embed':
          return embed(job, body, signal);
        case 'patchMap':
          return { kind: 'patchMap', value: await patchPictures.map(body, signal) };
        case 'explain':
          return { kind: 'explain', value: await patchPictures.explain(body, job.queryBytes, signal) };
      }
    },
  };

  async function embed(
    { thumbnail, repeat }: EmbedRequest,
    bytes: Uint8Array,
    signal: AbortSignal,
  ): Promise<EmbedResponse> {
    const arrivedAt = performance.now();
    const decoding = decode(bytes).then((image) => ({ image, decodedAt: performance.now() }));
    const running = inTurn(async () => {
      const { image } = await decoding;
      signal.throwIfAborted();
      const startAt = performance.now();
      const { vector } = await model.run(image, false);
      return { vector, startAt, endAt: performance.now() };
    });

    const { image, decodedAt } = await decoding; // fails without waiting for its turn
    // Beside the model: both are done before the answer is due.
    const swatch = makeSwatch(image);
    const [{ vector, startAt, endAt }, small] = await Promise.all([
      running,
      thumbnail ? encodeThumbnail(image, THUMBNAIL_SIDE) : null,
    ]);
    return {
      kind: 'embed',
      vector,
      width: image.upright.width,
      height: image.upright.height,
      format: image.format,
      swatch,
      swatchSize: SWATCH_SIZE,
      thumbnail: small,
      waitMs: startAt - decodedAt,
      decodeMs: decodedAt - arrivedAt,
      embedMs: endAt - startAt,
      ...(repeat === undefined ? {} : { samples: await measure(bytes, repeat) }),
    };
  }

  async function measure(bytes: Uint8Array, repeat: number) {
    const samples = { decodeMs: [] as number[], embedMs: [] as number[] };
    for (let i = 0; i < repeat; i++) {
      const startAt = performance.now();
      const image = await decode(bytes);
      const decodedAt = performance.now();
      await model.run(image, false);
      samples.decodeMs.push(decodedAt - startAt);
      samples.embedMs.push(performance.now() - decodedAt);
    }
    return samples;
  }
}

/** One `run` at a time. */
interface ModelThread {
  run(image: DecodedImage, patches: boolean): Promise<ModelOutputs>;
  readonly provider: Pick<EmbedReady, 'executionProvider' | 'providerProblem'>;
}

/**
 * Starts the thread; it is never ended but with the process, since ending a thread during a run aborts the process.
 * @throws AppError MODEL_MISMATCH
 */
async function startModelThread(init: EmbedInit): Promise<ModelThread> {
  const thread = new Worker(new URL('./model-thread.js', import.meta.url), { workerData: init });
  // Rejects when the thread dies of an exception.
  const answer = async (): Promise<FromModelThread> => {
    const [message] = (await once(thread, 'message')) as [FromModelThread];
    if (message.type === 'failed') throw fromFailure(message.failure, 'EMBEDDING_FAILED');
    return message;
  };
  const ready = await answer();
  if (ready.type !== 'ready') throw unexpected(ready);
  const { executionProvider, providerProblem } = ready;
  return {
    provider: { executionProvider, providerProblem },
    async run({ pixels, width, height }, patches) {
      const answered = answer();
      thread.postMessage({ pixels, width, height, patches } satisfies ToModelThread);
      const message = await answered;
      if (message.type !== 'outputs') throw unexpected(message);
      return message;
    },
  };
}

const unexpected = ({ type }: FromModelThread): Error =>
  new Error(`Unexpected answer of the model thread: ${type}`);

serveJobs<EmbedInit, EmbedJob, EmbedAnswer>(start);
