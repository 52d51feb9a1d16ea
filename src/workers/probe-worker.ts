import './no-telemetry.js';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AppError, messageOf } from '../errors.js';
import { Serial } from '../lib/serial.js';
import { serveJobs, type WorkerService } from '../lib/worker-pool/worker-process.js';
import { planResize, TensorBuilder } from '../services/embedding/preprocess.js';
import type { ProbeInit, ProbeRequest, ProbeResponse, ProbeTensor } from '../model-tools/probe-protocol.js';
import { configureDecoder, decodeImage } from '../services/media/decode.js';
import { sessionOptions } from './session-options.js';

/**
 * Runs an ONNX file and returns any requested outputs. Always on the CPU, since the model is examined, not the hardware. A
 * run blocks the process, but the next picture is decoded meanwhile on libuv's threads.
 */
async function start(init: ProbeInit): Promise<WorkerService<ProbeRequest, ProbeResponse>> {
  const { path, definition, threads, maxPixels } = init;
  configureDecoder({ threads: 1 });
  const tensors = new TensorBuilder(definition.input, definition.normalize);
  const session = await openSession(path, threads);
  const [input, ...others] = session.inputNames;
  if (input === undefined || others.length > 0) throw mismatch(path, 'does not have exactly one input.');

  const run = async (tensor: Tensor, outputs: readonly string[]): Promise<ProbeResponse> => {
    const missing = outputs.find((name) => !session.outputNames.includes(name));
    if (missing !== undefined) throw failure(`There is no output ${missing}.`);
    const result = await session.run({ [input]: tensor }, [...outputs]).catch((error: unknown) => {
      throw failure(messageOf(error));
    });
    return Object.fromEntries(outputs.map((name) => [name, copyOf(name, result[name])]));
  };

  /** Turns for the model and the memory of its tensor. */
  const turns = new Serial();

  return {
    async run({ outputs, dims }, body) {
      const tensor = dims === undefined ? await prepare(body) : () => ownTensor(dims, body);
      return turns.run(() => run(tensor(), outputs));
    },
  };

  async function prepare(bytes: Uint8Array): Promise<() => Tensor> {
    const picture = await decodeImage(bytes, {
      maxPixels,
      plan: (upright) => planResize(definition.preprocess, upright),
    });
    return () => {
      const { type, data, dims } = tensors.build(picture.pixels, picture);
      return new Tensor(type, data as Float32Array, dims);
    };
  }
}

/** A copy, since the body may start at any address. */
function ownTensor(dims: readonly number[], body: Uint8Array): Tensor {
  const data = new Float32Array(body.byteLength / Float32Array.BYTES_PER_ELEMENT);
  new Uint8Array(data.buffer).set(body);
  return new Tensor('float32', data, dims);
}

async function openSession(path: string, threads: number): Promise<InferenceSession> {
  const options = sessionOptions({ threads, prepack: false });
  return InferenceSession.create(path, options).catch((error: unknown) => {
    throw mismatch(path, `cannot be loaded. (${messageOf(error)})`);
  });
}

function copyOf(name: string, tensor: InferenceSession.OnnxValueMapType[string] | undefined): ProbeTensor {
  if (!(tensor instanceof Tensor) || tensor.type !== 'float32') throw failure(`${name} is not float32.`);
  try {
    return { dims: [...tensor.dims], data: (tensor.data as Float32Array).slice() };
  } finally {
    tensor.dispose();
  }
}

const mismatch = (path: string, problem: string): AppError =>
  new AppError('MODEL_MISMATCH', `${path} ${problem}`, { details: { path } });

const failure = (problem: string): AppError =>
  new AppError('EMBEDDING_FAILED', `The model failed: ${problem}`);

serveJobs(start);
