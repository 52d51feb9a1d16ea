import { InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
import { AppError, messageOf } from '../errors.js';
import { assertUnchanged } from '../services/embedding/file-stamp.js';
import type { InputTensor } from '../services/embedding/preprocess.js';
import type { EmbedModel, ModelOutputs } from '../services/embedding/protocol.js';
import type { ExecutionProvider } from '../services/embedding/types.js';
import { allRows, choosePorts, firstRow } from './onnx-ports.js';
import { sessionOptions } from './session-options.js';

/** A model that embeds pictures, in the runtime. */
export interface ModelSession {
  /**
   * Runs the model on one picture. Blocks the thread while it computes.
   * @param patches whether the patch tokens are wanted as well, if the model has them
   * @returns copies of the model's unscaled vector and the tokens
   * @throws AppError EMBEDDING_FAILED, MODEL_MISMATCH
   */
  run(input: InputTensor, patches: boolean): Promise<ModelOutputs>;
  /** Releases its memory. Not during a run. */
  close(): Promise<void>;
}

/**
 * @param threads for one run
 * @throws AppError MODEL_MISMATCH if the runtime refuses the file, or if it differs from its model.json;
 *   EMBEDDING_FAILED if the provider is not the CPU and is unavailable
 */
export async function openSession(
  { path, files, definition }: Pick<EmbedModel, 'path' | 'files' | 'definition'>,
  threads: number,
  provider: ExecutionProvider,
): Promise<ModelSession> {
  const mismatch = (problem: string): AppError =>
    new AppError('MODEL_MISMATCH', `${path} ${problem}`, { details: { path } });

  assertBuiltIn(provider);
  await assertUnchanged(files);
  const options = sessionOptions({ threads, provider });
  const session = await InferenceSession.create(path, options).catch((error: unknown) => {
    if (provider !== 'cpu') throw new AppError('EMBEDDING_FAILED', firstLine(messageOf(error)));
    throw mismatch(
      `cannot be loaded; it is truncated or not an ONNX model. Download it again. (${messageOf(error)})`,
    );
  });

  await assertUnchanged(files); // they were not replaced while loading either
  const { input, output, tokens: tokenOutput } = choosePorts(session, definition, mismatch);

  return {
    async run({ type, data, dims }, patches) {
      const fetches = patches && tokenOutput !== null ? [...new Set([output, tokenOutput])] : [output];
      let result: InferenceSession.OnnxValueMapType;
      try {
        result = await session.run({ [input]: new Tensor(type, data as Float32Array, dims) }, fetches);
      } catch (error) {
        throw new AppError('EMBEDDING_FAILED', `The model failed: ${messageOf(error)}`);
      }
      try {
        const tokens =
          patches && tokenOutput !== null ? allRows(result[tokenOutput]!, dims, definition, mismatch) : null;
        return { vector: firstRow(result[output]!, definition, mismatch), tokens };
      } finally {
        for (const name of fetches) result[name]!.dispose();
      }
    },
    close: () => session.release(),
  };
}

/** Throws for providers that are not built in, since the runtime would ignore them silently. */
function assertBuiltIn(provider: ExecutionProvider): void {
  const built = listSupportedBackends().map(({ name }) => name);
  if (built.includes(provider)) return;
  throw new AppError(
    'EMBEDDING_FAILED',
    `ONNX Runtime for ${process.platform} ${process.arch} is built without ${provider} (it has ${built.join(', ')})`,
  );
}

const firstLine = (text: string): string => text.trim().split('\n', 1)[0] ?? '';
