import { join, sep } from 'node:path';
import { AppError } from '../../errors.js';
import { check } from '../../lib/check.js';
import { convertDinov2 } from '../../model-tools/dinov2/convert.js';
import { adoptOnnx } from '../../model-tools/hub/adopt-onnx.js';
import type { ModelFile } from '../embedding/model-file.js';
import type { ModelDescription } from '../embedding/types.js';
import type { JobReport } from '../jobs.js';
import type { ModelReporter } from './progress.js';

/** A file that has arrived whole, on the disk. */
export interface ModelFileUpload {
  /** As the client calls it. */
  readonly name: string;
  readonly size: number;
  /** Puts it there, and leaves it to the caller. @throws AppError STORAGE_FULL, STORAGE_FAILED */
  moveTo(path: string): Promise<void>;
}

/** Shards, and an index. */
export const MOST_FILES = 16;

export const isOnnx = (name: string): boolean => /\.onnx$/i.test(name);
const isIndex = (name: string): boolean => /\.safetensors\.index\.json$/i.test(name);

/** Names to keep the files by: an export finds the file of its weights by its name. @throws AppError BAD_USER_INPUT */
export function uploadNames(files: readonly ModelFileUpload[]): readonly string[] {
  check(files.length >= 1 && files.length <= MOST_FILES, 'files', `1 to ${MOST_FILES} files`);
  const names = files.map(({ name }) => name.split(/[\\/]/).at(-1) ?? '');
  for (const name of names)
    check(/^[\w][\w.+ ()-]{0,199}$/.test(name), 'files', 'names of letters, digits and .-_+() ');
  check(new Set(names.map((name) => name.toLowerCase())).size === names.length, 'files', 'different names');
  return names;
}

/** The file to begin with, of several: the export, or the index. @throws AppError BAD_USER_INPUT */
export function chooseMainFile(
  names: readonly string[],
  {
    id,
    precision,
    calibrate,
  }: Pick<UploadInstall, 'id' | 'precision'> & { readonly calibrate?: boolean | undefined },
): string {
  const [main, ...others] =
    names.length === 1 ? names : names.filter((name) => isOnnx(name) || isIndex(name));
  check(
    main !== undefined && others.length === 0,
    'files',
    'one file, or one .onnx file with its data, or one .safetensors.index.json with its shards',
  );
  if (!isOnnx(main)) return main;
  check(
    precision === undefined && calibrate !== true,
    'precision',
    'weights: an ONNX export keeps the precision it has',
  );
  check(id !== undefined || !/^model/i.test(main), 'id', 'a name for the model: that of the file says none');
  return main;
}

export interface UploadInstall {
  readonly id?: string | undefined;
  readonly precision?: ModelDescription['precision'] | undefined;
  /** To calibrate with. */
  readonly pictures: readonly string[] | undefined;
  /** To learn from what a similarity means. */
  readonly samples: readonly string[];
  readonly folder: string;
  readonly main: string;
  readonly modelsDir: string;
}

/** By the code of `models convert`. @throws AppError as `convertDinov2` and `adoptOnnx` */
export async function installUpload(
  { id, precision, pictures, samples, folder, main, modelsDir }: UploadInstall,
  { signal }: JobReport,
  reporter: ModelReporter,
): Promise<ModelFile> {
  const path = join(folder, main);
  reporter.step('CHECKING');
  try {
    if (isOnnx(main))
      return (await adoptOnnx({ path, modelsDir, id, takeOver: true, samples, signal })).definition;
    const { definition } = await convertDinov2({
      weightsPath: path,
      modelsDir,
      id,
      precision,
      calibrationPictures: pictures,
      samples,
      signal,
      onCalibration: (done, total) => reporter.step('CALIBRATING', done, total),
      onProgress: (done, total) => reporter.step('CONVERTING', done, total),
    });
    return definition;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // Where it lay meanwhile is of no interest to who sent it.
    throw new AppError(error.code, error.message.replaceAll(folder + sep, ''), { cause: error });
  }
}
