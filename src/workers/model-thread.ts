import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../errors.js';
import { toFailure } from '../lib/worker-protocol.js';
import { planResize, TensorBuilder } from '../services/embedding/preprocess.js';
import type { EmbedInit, FromModelThread, ToModelThread } from '../services/embedding/protocol.js';
import { openSession, type ModelSession } from './onnx-session.js';

/**
 * The thread of an embedding worker in which the model runs. A run blocks its thread; in one of its own it stops
 * neither the pictures being decoded nor the news that the parent process is gone.
 */
const init = workerData as EmbedInit;
const tell = (message: FromModelThread): void => parentPort?.postMessage(message);

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
  const vector = await session.run(tensors.build(pixels, { width, height })).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'MODEL_MISMATCH') throw error;
    throw new AppError('MODEL_MISMATCH', `${path} cannot be run: ${toFailure(error).message}`, {
      details: { path },
    });
  });
  if (!vector.every((value) => Number.isFinite(value))) {
    throw new AppError('MODEL_MISMATCH', `${path} gives numbers that are not finite.`, { details: { path } });
  }
}

try {
  const session = await openSession(init);
  const tensors = new TensorBuilder(init.definition.input, init.definition.normalize);
  await warmUp(session, tensors);
  parentPort?.on('message', (message: ToModelThread) => {
    // One message at a time is under way: the tensor's memory can be used again for the next.
    void session
      .run(tensors.build(message.pixels, message))
      .then((vector) => tell({ type: 'vector', vector }))
      .catch((error: unknown) => tell({ type: 'failed', failure: toFailure(error) }));
  });
  tell({ type: 'ready' });
} catch (error) {
  tell({ type: 'failed', failure: toFailure(error) });
}
