import { parentPort, workerData } from 'node:worker_threads';
import { AppError, messageOf } from '../errors.js';
import { toFailure } from '../lib/worker-pool/worker-protocol.js';
import { planResize, TensorBuilder } from '../services/embedding/preprocess.js';
import type {
  EmbedInit,
  EmbedModel,
  FromModelThread,
  ModelLoaded,
  ToModelThread,
} from '../services/embedding/protocol.js';
import type { ExecutionProvider } from '../services/embedding/types.js';
import { openSession, type ModelSession } from './onnx-session.js';

/**
 * The thread of an embedding worker that runs the models. A run blocks its thread; in a separate one it delays neither
 * decoding nor the notice that the parent process has exited.
 */
const { threads, executionProvider: wanted } = workerData as Pick<EmbedInit, 'threads' | 'executionProvider'>;

interface LoadedModel {
  readonly session: ModelSession;
  /** Its memory is reused for the next picture, since messages are handled one at a time. */
  readonly tensors: TensorBuilder;
}

const loaded = new Map<string, LoadedModel>();

/**
 * The first run allocates memory and is slow. It also shows the model's actual output before a picture depends on it.
 * @throws AppError MODEL_MISMATCH
 */
async function warmUp({ definition, path }: EmbedModel, { session, tensors }: LoadedModel): Promise<void> {
  const { resize, crop, pad } = planResize(definition.preprocess, { width: 512, height: 512 });
  const inner = crop ?? resize;
  const width = inner.width + (pad === undefined ? 0 : pad.left + pad.right);
  const height = inner.height + (pad === undefined ? 0 : pad.top + pad.bottom);
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7919) % 251);
  const tensor = tensors.build(pixels, { width, height });
  const { vector } = await session
    .run(tensor, definition.patchTokens !== undefined)
    .catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'MODEL_MISMATCH') throw error;
      throw new AppError('MODEL_MISMATCH', `${path} cannot be run: ${toFailure(error).message}`, {
        details: { path },
      });
    });
  if (!vector.every((value) => Number.isFinite(value))) {
    throw new AppError('MODEL_MISMATCH', `${path} outputs numbers that are not finite.`, {
      details: { path },
    });
  }
}

async function open(model: EmbedModel, provider: ExecutionProvider): Promise<LoadedModel> {
  const { input, normalize } = model.definition;
  const session = await openSession(model, threads, provider);
  const opened = { session, tensors: new TensorBuilder(input, normalize) };
  try {
    await warmUp(model, opened);
  } catch (error) {
    await session.close();
    throw error;
  }
  return opened;
}

/** Loads the model on the requested provider, or on the CPU if it cannot be opened and run there. */
async function load(model: EmbedModel): Promise<ModelLoaded> {
  const { spaceId } = model;
  const startedAt = performance.now();
  const done = (opened: LoadedModel, executionProvider: ExecutionProvider, problem: string | null) => {
    loaded.set(spaceId, opened);
    const loadMs = performance.now() - startedAt;
    return { spaceId, loadMs, executionProvider, providerProblem: problem };
  };
  if (wanted === 'cpu') return done(await open(model, 'cpu'), 'cpu', null);
  try {
    return done(await open(model, wanted), wanted, null);
  } catch (error) {
    // A broken model fails on every provider; then the CPU's error is reported.
    return done(await open(model, 'cpu'), 'cpu', messageOf(error));
  }
}

async function answer(message: ToModelThread): Promise<FromModelThread> {
  switch (message.kind) {
    case 'load':
      return { kind: 'loaded', ...(await load(message.model)) };
    case 'run': {
      const model = loaded.get(message.spaceId);
      if (model === undefined) throw new Error('A picture came for a model that is not loaded.');
      const tensor = model.tensors.build(message.pixels, message);
      return { kind: 'outputs', ...(await model.session.run(tensor, message.patches)) };
    }
    case 'unload': {
      const model = loaded.get(message.spaceId);
      loaded.delete(message.spaceId);
      await model?.session.close();
      return { kind: 'unloaded' };
    }
  }
}

parentPort?.on('message', (message: ToModelThread) => {
  answer(message).then(
    (answered) => {
      const moved = answered.kind === 'outputs' && answered.tokens !== null ? [answered.tokens.buffer] : [];
      parentPort?.postMessage(answered, moved as ArrayBuffer[]);
    },
    (error: unknown) => {
      parentPort?.postMessage({ kind: 'failed', failure: toFailure(error) } satisfies FromModelThread);
    },
  );
});
