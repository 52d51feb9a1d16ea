import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { AppError } from '../errors.js';
import type { ModelFile } from '../services/embedding/model-file.js';
import type { InputTensor } from '../services/embedding/preprocess.js';

type Metadata = InferenceSession.ValueMetadata;

/** Creates the error for a problem of a model. */
export type Mismatch = (problem: string) => AppError;

/** Names of the inputs and outputs of a session. */
export interface Ports {
  readonly input: string;
  readonly output: string;
  /** Null if the model has no patch tokens. */
  readonly tokens: string | null;
}

/** @throws AppError of `mismatch` if the session differs from its model.json */
export function choosePorts(session: InferenceSession, definition: ModelFile, mismatch: Mismatch): Ports {
  return {
    input: chooseInput(session, definition, mismatch),
    output: chooseOutput(session, definition, mismatch),
    tokens: chooseTokens(session, definition, mismatch),
  };
}

function chooseInput(session: InferenceSession, { input }: ModelFile, mismatch: Mismatch): string {
  const { name, type, layout } = input;
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

/** The named output, otherwise the one that is a vector, otherwise the one that is a list of tokens. */
function chooseOutput(session: InferenceSession, { output }: ModelFile, mismatch: Mismatch): string {
  const { name, kind } = output;
  const outputs = session.outputMetadata;
  const wanted = name ?? kind;
  const chosen =
    outputs.find((one) => one.name === wanted) ?? (name === undefined ? byKind(outputs, kind) : undefined);
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

function byKind(outputs: readonly Metadata[], kind: ModelFile['output']['kind']): Metadata | undefined {
  const named = (name: string): Metadata | undefined => outputs.find((one) => one.name === name);
  const ofRank = (rank: number): Metadata | undefined =>
    outputs.find((one) => one.isTensor && one.shape.length === rank);
  if (kind === 'last_hidden_state') return ofRank(3);
  if (kind !== undefined) return ofRank(2) ?? outputs[0];
  return named('pooler_output') ?? named('last_hidden_state') ?? ofRank(2) ?? ofRank(3) ?? outputs[0];
}

function chooseTokens(
  session: InferenceSession,
  { patchTokens }: ModelFile,
  mismatch: Mismatch,
): string | null {
  if (patchTokens === undefined) return null;
  const { output } = patchTokens;
  const chosen = session.outputMetadata.find((one) => one.name === output);
  if (chosen === undefined)
    throw mismatch(`has no output ${output}, its model.json wants patch tokens of it.`);
  if (!chosen.isTensor || chosen.type !== 'float32')
    throw mismatch(`gives ${typeOf(chosen)} as ${chosen.name}, expected float32.`);
  return chosen.name;
}

const typeOf = (value: Metadata): string => (value.isTensor ? value.type : 'something else than a tensor');

/** The rows of the prefix, then one for every patch of an input of this shape. */
export function allRows(
  tensor: Tensor,
  input: InputTensor['dims'],
  definition: ModelFile,
  mismatch: Mismatch,
): Float32Array {
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

/** The vector: the first row of [1, tokens, dimension], the CLS token, or all of [1, dimension] or [dimension]. */
export function firstRow(tensor: Tensor, { dimension }: ModelFile, mismatch: Mismatch): Float32Array {
  const width = tensor.dims.at(-1) ?? 0;
  const rank = tensor.dims.length;
  if (rank < 1 || rank > 3 || (rank > 1 && tensor.dims[0] !== 1) || width !== dimension) {
    throw mismatch(
      `gives an output of shape [${tensor.dims.join(', ')}], its model.json says ${dimension} numbers.`,
    );
  }
  return (tensor.data as Float32Array).slice(0, width);
}
