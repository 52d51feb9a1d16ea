import { join, sep } from 'node:path';
import { AppError } from '../../errors.js';
import { check } from '../../lib/check.js';
import { convertDinov2 } from '../../model-tools/dinov2/convert.js';
import { adoptOnnx } from '../../model-tools/hub/adopt-onnx.js';
import type { ModelFile } from '../embedding/model-file.js';
import type { ModelDescription } from '../embedding/types.js';
import type { JobReport } from '../jobs.js';
import type { ModelReporter } from './progress.js';

/** A file that has arrived completely, on disk. */
export interface ModelFileUpload {
  /** File name given by the client. */
  readonly name: string;
  readonly size: number;
  /** Moves it to a path, where it belongs to the caller. @throws AppError STORAGE_FULL, STORAGE_FAILED */
  moveTo(path: string): Promise<void>;
}

/** Enough for shards and an index. */
export const MOST_FILES = 16;

export const isOnnx = (name: string): boolean => /\.onnx$/i.test(name);
const isIndex = (name: string): boolean => /\.safetensors\.index\.json$/i.test(name);

/** Names for storing the files, since an export finds its weights file by name. @throws AppError BAD_USER_INPUT */
export function uploadNames(files: readonly ModelFileUpload[]): readonly string[] {
  check(files.length >= 1 && files.length <= MOST_FILES, 'files', `1 to ${MOST_FILES} files`);
  const names = files.map(({ name }) => name.split(/[\\/]/).at(-1) ?? '');
  for (const name of names)
    check(/^[\w][\w.+ ()-]{0,199}$/.test(name), 'files', 'names of letters, digits and .-_+() ');
  check(new Set(names.map((name) => name.toLowerCase())).size === names.length, 'files', 'different names');
  return names;
}

/** The main one of several files: the export, or the index. @throws AppError BAD_USER_INPUT */
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
  /** Pictures for calibration. */
  readonly pictures: readonly string[] | undefined;
  /** Pictures for the table of similarities. */
  readonly samples: readonly string[];
  readonly folder: string;
  readonly main: string;
  readonly modelsDir: string;
}

/** Uses the code of `models convert`. @throws AppError as `convertDinov2` and `adoptOnnx` */
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
    // The client does not need to see the temporary path.
    throw new AppError(error.code, error.message.replaceAll(folder + sep, ''), { cause: error });
  }
}
