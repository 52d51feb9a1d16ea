import type { Dirent } from 'node:fs';
import { lstat, mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError, messageOf } from '../../errors.js';
import { check } from '../../lib/check.js';
import { acquireLock, type LockFile } from '../../lib/lock-file.js';
import { recogniseArchitecture } from '../dinov2/architecture.js';
import { convertDinov2, type ConvertOptions } from '../dinov2/convert.js';
import type { Precision } from '../dinov2/describe.js';
import type { ModelFile } from '../../services/embedding/model-file.js';
import { checkModelId } from '../model-folder.js';
import { openWeights } from '../weights/open.js';
import { adoptOnnx } from './adopt-onnx.js';
import type { DownloadOptions } from './download.js';
import { HubDownload, type PulledFile } from './hub-download.js';
import type { HttpClient } from './http-client.js';
import { pulledId, type HubFile, type KnownModel } from './known-models.js';

/** Folder of downloads below `modelsDir`, too deep for `listModels`. */
const DOWNLOADS = '.downloads';

export interface PullOptions extends Pick<
  ConvertOptions,
  | 'size'
  | 'preprocess'
  | 'replace'
  | 'calibrationPictures'
  | 'samples'
  | 'onCalibration'
  | 'signal'
  | 'workerUrl'
> {
  readonly known: KnownModel;
  readonly modelsDir: string;
  readonly client: HttpClient;
  /** Address of the hub, without a slash at its end. */
  readonly hub: string;
  /** Branch, tag or commit; default: main. */
  readonly revision?: string | undefined;
  /** Default: fp32. */
  readonly precision?: Precision | undefined;
  /** Default: the known model's, with the precision: `dinov2-base-int8`. */
  readonly id?: string | undefined;
  readonly onDownload?: ((file: HubFile, done: number, total: number | null) => void) | undefined;
  readonly onRetry?: ((reason: string) => void) | undefined;
  /** Called after the download; the rest takes seconds to minutes. @param published whether it is a published int8 export, which is not converted */
  readonly onDownloaded?: ((published: boolean) => void) | undefined;
  readonly onConvert?: ((done: number, total: number) => void) | undefined;
  readonly backoffMs?: DownloadOptions['backoffMs'];
}

export interface Pulled {
  readonly definition: ModelFile;
  readonly files: readonly PulledFile[];
}

/**
 * Installs a known model: downloads its weights and converts them, or, for int8, downloads and adopts the published export
 * (with pictures for calibration, or if none is published, int8 is converted from the weights). Downloads are kept until
 * the model is in place, so that nothing is downloaded twice after an interruption.
 *
 * @throws AppError as `downloadFile`, `convertDinov2` and `adoptOnnx`; DATA_LOCKED if the same model is being pulled
 */
export async function pullModel(options: PullOptions): Promise<Pulled> {
  const { known, modelsDir, precision = 'fp32', revision = 'main', replace = false } = options;
  check(/^\w[\w.-]*(\/\w[\w.-]*)*$/.test(revision), 'revision', 'a branch, a tag or a commit');
  const id = options.id ?? pulledId(known, precision);
  await checkModelId(modelsDir, id, { replace });
  const published = precision === 'int8' && options.calibrationPictures === undefined ? known.int8 : null;
  const { repository } = published ?? known;
  const folder = downloadFolder(modelsDir, repository, revision);
  return whileLocked(folder, async () => {
    const download = new HubDownload({ ...options, folder, revision });
    const definition =
      published === null
        ? await convertWeights(options, id, download)
        : await adoptExport(options, id, download, published);
    await removeDownloads(folder);
    return { definition, files: download.files };
  });
}

async function convertWeights(options: PullOptions, id: string, download: HubDownload): Promise<ModelFile> {
  const { known, modelsDir, precision = 'fp32', replace = false, onConvert, workerUrl } = options;
  const weightsPath = await download.weights(known.repository);
  options.onDownloaded?.(false);
  return orRemove(download.folder, async () => {
    await checkWeights(weightsPath, known);
    const { size, preprocess, calibrationPictures, samples, signal, onCalibration } = options;
    const converted = await convertDinov2({
      weightsPath,
      modelsDir,
      id,
      precision,
      size,
      preprocess,
      replace,
      calibrationPictures,
      samples,
      signal,
      ...(onCalibration === undefined ? {} : { onCalibration }),
      ...(onConvert === undefined ? {} : { onProgress: onConvert }),
      ...(workerUrl === undefined ? {} : { workerUrl }),
    });
    return converted.definition;
  });
}

async function adoptExport(
  options: PullOptions,
  id: string,
  download: HubDownload,
  file: HubFile,
): Promise<ModelFile> {
  const path = await download.get(file);
  options.onDownloaded?.(true);
  return orRemove(download.folder, async () => {
    const adopted = await adoptOnnx({
      path,
      modelsDir: options.modelsDir,
      id,
      name: `${options.known.name} (${file.repository})`,
      description:
        'DINOv2 in int8 as published for Transformers.js: good for pictures of the same things, scenes and ' +
        'compositions; a little less exact than fp32.',
      size: options.size,
      preprocess: options.preprocess,
      replace: options.replace ?? false,
      takeOver: true,
      samples: options.samples,
      signal: options.signal,
      workerUrl: options.workerUrl,
    });
    return adopted.definition;
  });
}

const downloadFolder = (modelsDir: string, repository: string, revision: string): string =>
  join(modelsDir, DOWNLOADS, [...repository.split('/'), ...revision.split('/')].join('--').toLowerCase());

/** Bytes of the revision `main` that an interrupted pull has left; the next pull resumes there. */
export async function downloadedBytes(modelsDir: string, repository: string): Promise<number> {
  let bytes = 0;
  for (const { parentPath, name } of await filesIn(downloadFolder(modelsDir, repository, 'main')))
    if (!name.endsWith('.json')) bytes += (await lstat(join(parentPath, name)).catch(() => null))?.size ?? 0;
  return bytes;
}

/**
 * Deletes what an interrupted pull has left of the revision `main`.
 * @returns its size in bytes
 * @throws AppError DATA_LOCKED while it is being pulled, STORAGE_FAILED
 */
export async function discardDownload(modelsDir: string, repository: string): Promise<number> {
  const bytes = await downloadedBytes(modelsDir, repository);
  if (bytes === 0) return 0;
  const folder = downloadFolder(modelsDir, repository, 'main');
  await whileLocked(folder, () => removeDownloads(folder));
  return bytes;
}

/** @throws AppError MODEL_MISMATCH if these are the weights of another model */
async function checkWeights(path: string, { id, dimension, registers }: KnownModel): Promise<void> {
  const weights = await openWeights(path);
  try {
    const found = recogniseArchitecture(weights);
    if (found.dimension === dimension && found.registers === registers) return;
    throw new AppError(
      'MODEL_MISMATCH',
      `What the hub has as ${id} are weights of another model: ${found.dimension} wide instead of ${dimension}, ` +
        `${found.registers} registers instead of ${registers}.`,
    );
  } finally {
    await weights.close();
  }
}

/** Removes the folder if the task finds it unusable, so that the next run does not use it. */
async function orRemove<Result>(folder: string, task: () => Promise<Result>): Promise<Result> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof AppError && error.code === 'MODEL_MISMATCH') await removeDownloads(folder);
    throw error;
  }
}

async function removeDownloads(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

async function filesIn(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile());
}

async function whileLocked<Result>(folder: string, task: () => Promise<Result>): Promise<Result> {
  const downloads = dirname(folder);
  let lock: LockFile;
  try {
    await mkdir(downloads, { recursive: true });
    lock = await acquireLock(`${folder}.lock`);
  } catch (error) {
    if (error instanceof AppError && error.code === 'DATA_LOCKED') {
      const { pid, host } = error.details;
      throw new AppError(
        'DATA_LOCKED',
        `The same is being pulled by process ${String(pid)} on ${String(host)}.`,
        {
          details: error.details,
          cause: error,
        },
      );
    }
    if (error instanceof AppError) throw error;
    throw new AppError('STORAGE_FAILED', `${downloads} cannot be written: ${messageOf(error)}`, {
      details: { path: downloads },
      cause: error,
    });
  }
  try {
    return await task();
  } finally {
    if ((await filesIn(folder)).length === 0) await removeDownloads(folder);
    await lock.release();
    await rmdir(downloads).catch(() => {}); // others may be there
  }
}
