import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AppError, messageOf } from '../errors.js';
import type { InputTensor } from '../services/embedding/preprocess.js';
import type { EmbedInit } from '../services/embedding/protocol.js';

/** The only user of onnxruntime-node. */
export interface ModelSession {
  /**
   * Runs the model on one picture. Blocks the thread while it computes.
   * @returns the model's vector as it is, a copy
   * @throws AppError EMBEDDING_FAILED
   */
  run(input: InputTensor): Promise<Float32Array>;
}

type Metadata = InferenceSession.ValueMetadata;

/** @throws AppError MODEL_MISMATCH when the runtime refuses the file, or it is not as model.json says */
export async function openSession({ path, definition, threads }: EmbedInit): Promise<ModelSession> {
  const mismatch = (problem: string): AppError =>
    new AppError('MODEL_MISMATCH', `${path} ${problem}`, { details: { path } });

  const session = await InferenceSession.create(path, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  }).catch((error: unknown) => {
    throw mismatch(`cannot be loaded; it is truncated or no ONNX model. Get it anew. (${messageOf(error)})`);
  });

  const input = chooseInput();
  const output = chooseOutput();
  const { dimension } = definition;

  return {
    async run({ type, data, dims }) {
      let result: InferenceSession.OnnxValueMapType;
      try {
        result = await session.run({ [input]: new Tensor(type, data as Float32Array, dims) }, [output]);
      } catch (error) {
        throw new AppError('EMBEDDING_FAILED', `The model failed: ${messageOf(error)}`);
      }
      const tensor = result[output] as Tensor;
      try {
        return firstRow(tensor);
      } finally {
        tensor.dispose();
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

const typeOf = (value: Metadata): string => (value.isTensor ? value.type : 'something else than a tensor');
