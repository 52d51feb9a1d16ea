import { parentPort, workerData } from 'node:worker_threads';
import { AppError, messageOf } from '../errors.js';
import { toFailure } from '../lib/worker-pool/worker-protocol.js';
import { planResize, TensorBuilder } from '../services/embedding/preprocess.js';
import type { EmbedInit, FromModelThread, ToModelThread } from '../services/embedding/protocol.js';
import type { ExecutionProvider } from '../services/embedding/types.js';
import { openSession, type ModelSession } from './onnx-session.js';

/**
 * The thread of an embedding worker in which the model runs. A run blocks its thread; in one of its own it stops
 * neither the pictures being decoded nor the news that the parent process is gone.
 */
const init = workerData as EmbedInit;
const tell = (message: FromModelThread, moved: readonly ArrayBufferLike[] = []): void =>
  parentPort?.postMessage(message, moved as ArrayBuffer[]);

/**
 * The first run allocates and is slow; and it shows what the model really gives, before a picture depends on it.
 * @throws AppError MODEL_MISMATCH
 */
async function warmUp(session: ModelSession, tensors: TensorBuilder): Promise<void> {
  const { definition, path } = init;
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
    throw new AppError('MODEL_MISMATCH', `${path} gives numbers that are not finite.`, { details: { path } });
  }
}

async function open(provider: ExecutionProvider): Promise<ModelSession> {
  const session = await openSession(init, provider);
  await warmUp(session, tensors);
  return session;
}

interface Opened {
  readonly session: ModelSession;
  readonly executionProvider: ExecutionProvider;
  readonly providerProblem: string | null;
}

/** On what was wanted, or, when the model cannot be opened and run there, on the CPU. */
async function openSomewhere(wanted: ExecutionProvider): Promise<Opened> {
  if (wanted !== 'cpu') {
    try {
      return { session: await open(wanted), executionProvider: wanted, providerProblem: null };
    } catch (error) {
      // A model that is broken is so everywhere: then the CPU's error is the one told.
      return { session: await open('cpu'), executionProvider: 'cpu', providerProblem: messageOf(error) };
    }
  }
  return { session: await open('cpu'), executionProvider: 'cpu', providerProblem: null };
}

const tensors = new TensorBuilder(init.definition.input, init.definition.normalize);
try {
  const { session, ...provider } = await openSomewhere(init.executionProvider);
  parentPort?.on('message', (message: ToModelThread) => {
    // One message at a time is under way: the tensor's memory can be used again for the next.
    void session
      .run(tensors.build(message.pixels, message), message.patches)
      .then((outputs) => tell({ type: 'outputs', ...outputs }, outputs.tokens ? [outputs.tokens.buffer] : []))
      .catch((error: unknown) => tell({ type: 'failed', failure: toFailure(error) }));
  });
  tell({ type: 'ready', ...provider });
} catch (error) {
  tell({ type: 'failed', failure: toFailure(error) });
}
