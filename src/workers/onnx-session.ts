import { InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
import { AppError, messageOf } from '../errors.js';
import { assertUnchanged } from '../services/embedding/file-stamp.js';
import type { InputTensor } from '../services/embedding/preprocess.js';
import type { EmbedInit, ModelOutputs } from '../services/embedding/protocol.js';
import type { ExecutionProvider } from '../services/embedding/types.js';
import { sessionOptions } from './session-options.js';

/** A model that embeds pictures, in the runtime. */
export interface ModelSession {
  /**
   * Runs the model on one picture. Blocks the thread while it computes.
   * @param patches whether the patch tokens are wanted, too; of models that have them
   * @returns the model's vector as it is, and the tokens; copies
   * @throws AppError EMBEDDING_FAILED, MODEL_MISMATCH
   */
  run(input: InputTensor, patches: boolean): Promise<ModelOutputs>;
}

type Metadata = InferenceSession.ValueMetadata;

/**
 * @throws AppError MODEL_MISMATCH when the runtime refuses the file, or it is not as model.json says;
 *   EMBEDDING_FAILED when the provider is not the CPU and is unavailable
 */
export async function openSession(
  { path, files, definition, threads }: EmbedInit,
  provider: ExecutionProvider,
): Promise<ModelSession> {
  const mismatch = (problem: string): AppError =>
    new AppError('MODEL_MISMATCH', `${path} ${problem}`, { details: { path } });

  assertBuiltIn(provider);
  await assertUnchanged(files);
  const options = sessionOptions({ threads, provider });
  const session = await InferenceSession.create(path, options).catch((error: unknown) => {
    if (provider !== 'cpu') throw new AppError('EMBEDDING_FAILED', firstLine(messageOf(error)));
    throw mismatch(`cannot be loaded; it is truncated or no ONNX model. Get it anew. (${messageOf(error)})`);
  });

  await assertUnchanged(files); // nor were they replaced while they were being loaded

  const input = chooseInput();
  const output = chooseOutput();
  const tokenOutput = choosePatchOutput();
  const { dimension } = definition;

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
        const tokens = patches && tokenOutput !== null ? allRows(result[tokenOutput] as Tensor, dims) : null;
        return { vector: firstRow(result[output] as Tensor), tokens };
      } finally {
        for (const name of fetches) (result[name] as Tensor).dispose();
      }
    },
  };

  function chooseInput(): string {
    const { name, type, layout } = definition.input;
    const inputs = session.inputMetadata;
    const chosen =
      name === undefined && inputs.length === 1 ? inputs[0] : inputs.find((one) => one.name === name);
    const names = inputs.map((one) => one.name).join(', ');
    if (chosen === undefined || inputs.length !== 1) {
      throw mismatch(`has the inputs ${names}; expected ${name ?? 'one picture'} alone.`);
    }
    if (!chosen.isTensor || chosen.type !== type) {
      throw mismatch(`wants ${typeOf(chosen)} as input, its model.json says ${type}.`);
    }
    const channels = chosen.shape[layout === 'nchw' ? 1 : 3];
    if (chosen.shape.length !== 4 || (typeof channels === 'number' && channels !== 3)) {
      throw mismatch(`wants an input of shape [${chosen.shape.join(', ')}], its model.json says ${layout}.`);
    }
    return chosen.name;
  }

  /** The output named; else the one that is a vector; else the one that is a list of tokens. */
  function chooseOutput(): string {
    const { name, kind } = definition.output;
    const outputs = session.outputMetadata;
    const wanted = name ?? kind;
    const ofRank = (rank: number): Metadata | undefined =>
      outputs.find((one) => one.isTensor && one.shape.length === rank);
    const chosen =
      outputs.find((one) => one.name === wanted) ??
      (name !== undefined
        ? undefined
        : kind === 'last_hidden_state'
          ? ofRank(3)
          : kind === undefined
            ? (outputs.find((one) => one.name === 'pooler_output') ??
              outputs.find((one) => one.name === 'last_hidden_state') ??
              ofRank(2) ??
              ofRank(3) ??
              outputs[0])
            : (ofRank(2) ?? outputs[0]));
    if (chosen === undefined) {
      throw mismatch(
        `has the outputs ${outputs.map((one) => one.name).join(', ')}; expected ${wanted ?? 'a vector'}.`,
      );
    }
    if (!chosen.isTensor || chosen.type !== 'float32') {
      throw mismatch(`gives ${typeOf(chosen)} as ${chosen.name}, expected float32.`);
    }
    return chosen.name;
  }

  function choosePatchOutput(): string | null {
    const name = definition.patchTokens?.output;
    if (name === undefined) return null;
    const chosen = session.outputMetadata.find((one) => one.name === name);
    if (chosen === undefined)
      throw mismatch(`has no output ${name}, its model.json wants patch tokens of it.`);
    if (!chosen.isTensor || chosen.type !== 'float32')
      throw mismatch(`gives ${typeOf(chosen)} as ${chosen.name}, expected float32.`);
    return name;
  }

  /** The prefix and a row for every patch of an input of this shape, one after the other. */
  function allRows(tensor: Tensor, input: InputTensor['dims']): Float32Array {
    const { prefix, patchSize } = definition.patchTokens ?? { prefix: 0, patchSize: 1 };
    const [height, width] = definition.input.layout === 'nchw' ? [input[2], input[3]] : [input[1], input[2]];
    const patches = Math.floor(height / patchSize) * Math.floor(width / patchSize);
    const [batch, rows] = tensor.dims;
    if (tensor.dims.length !== 3 || batch !== 1 || patches === 0 || rows !== prefix + patches) {
      throw mismatch(
        `gives patch tokens of shape [${tensor.dims.join(', ')}] for ${width} x ${height} pixels, ` +
          `its model.json says ${prefix} + ${patches} rows.`,
      );
    }
    return (tensor.data as Float32Array).slice();
  }

  /** Of [1, tokens, dimension] the first row, the CLS token; [1, dimension] and [dimension] are the vector. */
  function firstRow(tensor: Tensor): Float32Array {
    const width = tensor.dims.at(-1) ?? 0;
    const rank = tensor.dims.length;
    if (rank < 1 || rank > 3 || (rank > 1 && tensor.dims[0] !== 1) || width !== dimension) {
      throw mismatch(
        `gives an output of shape [${tensor.dims.join(', ')}], its model.json says ${dimension} numbers.`,
      );
    }
    return (tensor.data as Float32Array).slice(0, width);
  }
}

/** Providers that the runtime was built without it would leave out silently. */
function assertBuiltIn(provider: ExecutionProvider): void {
  const built = listSupportedBackends().map(({ name }) => name);
  if (built.includes(provider)) return;
  throw new AppError(
    'EMBEDDING_FAILED',
    `ONNX Runtime for ${process.platform} ${process.arch} is built without ${provider} (it has ${built.join(', ')})`,
  );
}

const firstLine = (text: string): string => text.trim().split('\n', 1)[0] as string;

const typeOf = (value: Metadata): string => (value.isTensor ? value.type : 'something else than a tensor');
