import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { planResize } from '../../dist/services/embedding/preprocess.js';
import { decodeImage } from '../../dist/services/media/decode.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The files of models/builtin, as written by set-up. */
export async function builtinModel() {
  const { preprocess, sha256 } = JSON.parse(await readFile(here('../../models/builtin/model.json'), 'utf8'));
  return { onnx: await readFile(here('../../models/builtin/model.onnx')), preprocess, sha256 };
}

/** Runs a model with the input `pixels` and the output `embedding`, in this process. */
export async function openModel({ onnx, preprocess }, threads = 1) {
  const session = await ort.InferenceSession.create(onnx, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
  });
  const side = preprocess.width ?? preprocess.crop;
  const decode = async (bytes) =>
    (await decodeImage(bytes, { maxPixels: 100_000_000, plan: (size) => planResize(preprocess, size) }))
      .pixels;
  const run = async (pixels) =>
    (await session.run({ pixels: new ort.Tensor('uint8', pixels, [1, side, side, 3]) })).embedding.data;
  return { decode, run, embed: async (bytes) => Float32Array.from(await run(await decode(bytes))) };
}

export const openBuiltin = async (threads = 1) => openModel(await builtinModel(), threads);
