import type { Dirent } from 'node:fs';
import { lstat, mkdir, readdir, readFile, rm, rmdir } from 'node:fs/promises';
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
import { downloadFile, type DownloadOptions } from './download.js';
import type { HttpClient } from './http-client.js';
import { pulledId, type HubFile, type KnownModel } from './known-models.js';

/** Below `modelsDir`: what is being downloaded. `listModels` does not look so deep. */
const DOWNLOADS = '.downloads';

const WEIGHTS = 'model.safetensors';
const WEIGHTS_INDEX = 'model.safetensors.index.json';

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
  /** Everything is there; what follows takes seconds to minutes. @param published as int8, not to be converted */
  readonly onDownloaded?: ((published: boolean) => void) | undefined;
  readonly onConvert?: ((done: number, total: number) => void) | undefined;
  readonly backoffMs?: DownloadOptions['backoffMs'];
}

export interface Pulled {
  readonly definition: ModelFile;
  readonly files: readonly PulledFile[];
}

export interface PulledFile extends HubFile {
  readonly sha256: string | null;
  /** Whether the hub announced a sha256 to check it against; null when it was there from a former run. */
  readonly verified: boolean | null;
}

/**
 * Gets a known model: downloads its weights and converts them, or, for int8, downloads the published export and adopts
 * it (with pictures to calibrate with, or where none is published, it is made of the weights). What was downloaded
 * stays until the model is in place, so that a run that was interrupted costs nothing twice.
 *
 * @throws AppError as `downloadFile`, `convertDinov2` and `adoptOnnx`; DATA_LOCKED when the same is being pulled
 */
export async function pullModel(options: PullOptions): Promise<Pulled> {
  const { known, modelsDir, precision = 'fp32', revision = 'main', replace = false, signal } = options;
  check(/^\w[\w.-]*(\/\w[\w.-]*)*$/.test(revision), 'revision', 'a branch, a tag or a commit');
  const id = options.id ?? pulledId(known, precision);
  await checkModelId(modelsDir, id, { replace });
  const published = precision === 'int8' && options.calibrationPictures === undefined ? known.int8 : null;
  const { repository } = published ?? known;
  const folder = downloadFolder(modelsDir, repository, revision);
  return whileLocked(folder, async () => {
    const files: PulledFile[] = [];
    const definition = published === null ? await convert() : await adopt(published);
    await removeDownloads(folder);
    return { definition, files };

    async function convert(): Promise<ModelFile> {
      const weightsPath = await getWeights();
      options.onDownloaded?.(false);
      return orRemove(folder, async () => {
        await checkWeights(weightsPath, known);
        const { size, preprocess, calibrationPictures, samples, onCalibration, onConvert, workerUrl } =
          options;
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

    async function adopt(file: HubFile): Promise<ModelFile> {
      const path = await get(file);
      options.onDownloaded?.(true);
      return orRemove(folder, async () => {
        const adopted = await adoptOnnx({
          path,
          modelsDir,
          id,
          name: `${known.name} (${file.repository})`,
          description:
            'DINOv2 in int8 as published for Transformers.js: good for pictures of the same things, scenes and ' +
            'compositions; a little less exact than fp32.',
          size: options.size,
          preprocess: options.preprocess,
          replace,
          takeOver: true,
          samples: options.samples,
          signal,
          workerUrl: options.workerUrl,
        });
        return adopted.definition;
      });
    }

    /** One file, or the shards that an index names. */
    async function getWeights(): Promise<string> {
      try {
        return await get({ repository, file: WEIGHTS });
      } catch (error) {
        if (!(error instanceof AppError) || error.details['status'] !== 404) throw error;
        const index = await get({ repository, file: WEIGHTS_INDEX }).catch(() => {
          throw error; // of the two the one that says what was wanted
        });
        for (const file of await shardsOf(index)) await get({ repository, file });
        return index;
      }
    }

    async function get(file: HubFile): Promise<string> {
      const path = join(folder, ...file.file.split('/'));
      if (await isThere(path)) {
        files.push({ ...file, sha256: null, verified: null });
        return path;
      }
      const { sha256, verified } = await downloadFile({
        client: options.client,
        url: fileUrl(options.hub, file, revision),
        path,
        signal,
        backoffMs: options.backoffMs,
        onRetry: options.onRetry,
        onProgress: (done, total) => options.onDownload?.(file, done, total),
      });
      files.push({ ...file, sha256, verified });
      return path;
    }
  });
}

const downloadFolder = (modelsDir: string, repository: string, revision: string): string =>
  join(modelsDir, DOWNLOADS, [...repository.split('/'), ...revision.split('/')].join('--').toLowerCase());

/** Bytes of the revision `main` that an interrupted pull has left; pulling it again goes on from there. */
export async function downloadedBytes(modelsDir: string, repository: string): Promise<number> {
  let bytes = 0;
  for (const { parentPath, name } of await filesIn(downloadFolder(modelsDir, repository, 'main')))
    if (!name.endsWith('.json')) bytes += (await lstat(join(parentPath, name)).catch(() => null))?.size ?? 0;
  return bytes;
}

/**
 * Gives up what an interrupted pull has left of the revision `main`.
 * @returns how much that was, in bytes
 * @throws AppError DATA_LOCKED while it is being pulled, STORAGE_FAILED
 */
export async function discardDownload(modelsDir: string, repository: string): Promise<number> {
  const bytes = await downloadedBytes(modelsDir, repository);
  if (bytes === 0) return 0;
  const folder = downloadFolder(modelsDir, repository, 'main');
  await whileLocked(folder, () => removeDownloads(folder));
  return bytes;
}

/** `https://huggingface.co/facebook/dinov2-base/resolve/main/model.safetensors` */
export function fileUrl(hub: string, { repository, file }: HubFile, revision: string): URL {
  const path = file.split('/').map(encodeURIComponent).join('/');
  return new URL(`${hub}/${repository}/resolve/${encodeURIComponent(revision)}/${path}`);
}

/** @throws AppError MODEL_MISMATCH when these are another model's weights */
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

async function shardsOf(index: string): Promise<readonly string[]> {
  const broken = (why: string): AppError =>
    new AppError('MODEL_MISMATCH', `${index} is not an index of safetensors files: ${why}`);
  let map: unknown;
  try {
    map = (JSON.parse(await readFile(index, 'utf8')) as { weight_map?: unknown }).weight_map;
  } catch (error) {
    throw broken(messageOf(error));
  }
  const names = new Set<unknown>(Object.values(map ?? {}));
  for (const name of names)
    if (typeof name !== 'string' || !/^[\w.-]+\.safetensors$/.test(name))
      throw broken('it names something else than files beside it');
  return [...names] as string[];
}

/** What turned out to be of no use is not to be found there by the next run. */
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

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );
