import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { AppError } from '../../errors.js';
import { InputFile } from './input-file.js';
import { mismatch, PYTORCH } from './mismatch.js';
import { openNpz } from './npz.js';
import { openSafetensors } from './safetensors.js';
import { openShardedSafetensors } from './sharded-safetensors.js';
import type { WeightFile } from './types.js';

const INDEX = 'model.safetensors.index.json';
const SINGLE = 'model.safetensors';

/** Of the first file in a zip, and of an empty zip. */
const ZIP = ['PK\x03\x04', 'PK\x05\x06'];

const CHECKPOINTS = ['.bin', '.pt', '.pth', '.ckpt'];

/**
 * Opens trained weights: a .npz of NumPy, a .safetensors file, the index of a sharded one, or a folder with
 * `model.safetensors.index.json` or `model.safetensors` in it. The content decides, not the ending.
 *
 * @throws AppError MODEL_MISSING when there is no such file, MODEL_MISMATCH when it is damaged or of another kind
 */
export async function openWeights(path: string): Promise<WeightFile> {
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  const file = isFolder ? await chooseInFolder(path) : path;
  switch (await kindOf(file)) {
    case 'npz':
      return openNpz(file);
    case 'safetensors':
      return openSafetensors(file);
    case 'index':
      return openShardedSafetensors(file);
  }
}

async function chooseInFolder(folder: string): Promise<string> {
  const names = await readdir(folder);
  for (const name of [INDEX, SINGLE]) if (names.includes(name)) return join(folder, name);
  const checkpoint = names.find((name) => /^pytorch_model.*\.bin$|\.pth$/.test(name));
  if (checkpoint !== undefined) throw mismatch(join(folder, checkpoint), PYTORCH);
  throw new AppError('MODEL_MISSING', `${folder} holds neither ${INDEX} nor ${SINGLE}.`, {
    details: { path: folder },
  });
}

async function kindOf(path: string): Promise<'npz' | 'safetensors' | 'index'> {
  const file = await InputFile.open(path);
  let head: Buffer;
  try {
    head = await file.head(512);
  } finally {
    await file.close();
  }
  if (head.length === 0) throw mismatch(path, 'is empty');
  // Before any text: the length of a header may begin with the code of a letter, but text has no zero bytes.
  if (head[8] === 0x7b && head.length > 8 && head.readUInt32LE(4) === 0) return 'safetensors';
  const binary = head.toString('latin1');
  const text = binary.trimStart().toLowerCase();
  const ending = extname(path).toLowerCase();

  if (ZIP.some((signature) => binary.startsWith(signature))) return 'npz';
  if (text.startsWith('version https://git-lfs'))
    throw mismatch(path, 'is only a Git LFS pointer; fetch the file itself with "git lfs pull"');
  if (/^(<!doctype|<html|<head|<\?xml)/.test(text))
    throw mismatch(path, 'is a web page that was saved under this name; download the file itself');
  // A pickle begins with its protocol.
  if ((head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5) || CHECKPOINTS.includes(ending))
    throw mismatch(path, PYTORCH);
  if (binary.startsWith('\x93NUMPY'))
    throw mismatch(path, 'is a single array (.npy), not a .npz of all weights');
  if (binary.startsWith('\x89HDF')) throw mismatch(path, 'is an HDF5 file; convert it to safetensors first');
  if (ending === '.onnx') throw mismatch(path, 'is an ONNX model, not a file of weights');
  if (text.startsWith('{')) {
    if (ending === '.json') return 'index';
    throw mismatch(path, `is JSON text, not weights (${basename(path)} may be a server's error message)`);
  }
  if (ending === '.npz') throw mismatch(path, 'is not a zip file, as a .npz is');
  if (ending === '.safetensors') return 'safetensors';
  throw mismatch(path, 'is neither a .npz nor a .safetensors file');
}
