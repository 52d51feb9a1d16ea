import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, messageOf } from '../../errors.js';
import { downloadFile, type DownloadOptions } from './download.js';
import type { HttpClient } from './http-client.js';
import type { HubFile } from './known-models.js';

const WEIGHTS = 'model.safetensors';
const WEIGHTS_INDEX = 'model.safetensors.index.json';

export interface PulledFile extends HubFile {
  readonly sha256: string | null;
  /** Whether the hub announced a sha256 to check it against; null if it existed from an earlier run. */
  readonly verified: boolean | null;
}

export interface HubDownloadOptions {
  readonly client: HttpClient;
  /** Address of the hub, without a trailing slash. */
  readonly hub: string;
  readonly revision: string;
  /** Folder for the files, until they are no longer needed. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
  readonly backoffMs?: DownloadOptions['backoffMs'];
  readonly onRetry?: ((reason: string) => void) | undefined;
  readonly onDownload?: ((file: HubFile, done: number, total: number | null) => void) | undefined;
}

/** The files of one pull; existing ones are not downloaded again. */
export class HubDownload {
  readonly #options: HubDownloadOptions;
  readonly #files: PulledFile[] = [];

  constructor(options: HubDownloadOptions) {
    this.#options = options;
  }

  get folder(): string {
    return this.#options.folder;
  }

  get files(): readonly PulledFile[] {
    return this.#files;
  }

  /** Downloads one file, or an index and its shards. @returns the path of the file or the index @throws AppError as `downloadFile` */
  async weights(repository: string): Promise<string> {
    try {
      return await this.get({ repository, file: WEIGHTS });
    } catch (error) {
      if (!(error instanceof AppError) || error.details['status'] !== 404) throw error;
      const index = await this.get({ repository, file: WEIGHTS_INDEX }).catch(() => {
        throw error; // of the two errors, the one that names the wanted file
      });
      for (const file of await shardsOf(index)) await this.get({ repository, file });
      return index;
    }
  }

  /** @returns its path @throws AppError as `downloadFile` */
  async get(file: HubFile): Promise<string> {
    const { client, hub, revision, folder, signal, backoffMs, onRetry, onDownload } = this.#options;
    const path = join(folder, ...file.file.split('/'));
    if (await isThere(path)) {
      this.#files.push({ ...file, sha256: null, verified: null });
      return path;
    }
    const { sha256, verified } = await downloadFile({
      client,
      url: fileUrl(hub, file, revision),
      path,
      signal,
      backoffMs,
      onRetry,
      onProgress: (done, total) => onDownload?.(file, done, total),
    });
    this.#files.push({ ...file, sha256, verified });
    return path;
  }
}

/** `https://huggingface.co/facebook/dinov2-base/resolve/main/model.safetensors` */
export function fileUrl(hub: string, { repository, file }: HubFile, revision: string): URL {
  const path = file.split('/').map(encodeURIComponent).join('/');
  return new URL(`${hub}/${repository}/resolve/${encodeURIComponent(revision)}/${path}`);
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

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );
