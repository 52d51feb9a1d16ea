import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError, messageOf } from '../errors.js';
import { syncDirectory, syncFile } from '../lib/atomic-file.js';
import { check } from '../lib/check.js';
import type { ModelFile } from '../services/embedding/model-file.js';

/** Folder of unfinished models below `modelsDir`, too deep for `listModels`. */
const UNFINISHED = '.unfinished';

/** Leftovers of a crash are removed after this time; a conversion takes minutes, a download hardly a day. */
const ABANDONED_AFTER_MS = 24 * 3600 * 1000;

export interface PublishOptions {
  /** Replace an existing model with this id; otherwise it is refused. */
  readonly replace?: boolean;
}

/**
 * Makes `models/<id>/` completely or not at all: `write` fills a temporary folder on the same disk, which is then renamed.
 * If it throws, the folder is removed and an existing model with this id is unchanged.
 * @param write creates the files durably; `writeModelFile` writes a model.json
 * @throws AppError BAD_USER_INPUT for an invalid or existing id, STORAGE_FAILED, and whatever `write` throws
 */
export async function publishModel<Result>(
  modelsDir: string,
  id: string,
  { replace = false }: PublishOptions,
  write: (folder: string) => Promise<Result>,
): Promise<Result> {
  const target = join(modelsDir, id);
  await checkModelId(modelsDir, id, { replace });
  return withTemporaryFolder(modelsDir, async (folder) => {
    const result = await write(folder);
    await stored(target, syncDirectory(folder));
    await checkModelId(modelsDir, id, { replace }); // it took a while
    await stored(target, moveInPlace(folder, target, join(dirname(folder), randomUUID())));
    await syncDirectory(modelsDir);
    return result;
  });
}

/**
 * Creates a temporary folder below `modelsDir`, where there is room for models. It is removed when `use` ends, or a day
 * after a crash.
 * @throws AppError STORAGE_FAILED, and whatever `use` throws
 */
export async function withTemporaryFolder<Result>(
  modelsDir: string,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  const unfinished = join(modelsDir, UNFINISHED);
  const folder = join(unfinished, randomUUID());
  await stored(folder, mkdir(folder, { recursive: true }));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
    await removeAbandoned(unfinished);
    await rmdir(unfinished).catch(() => {}); // another model may be unfinished
  }
}

/**
 * Deletes `models/<id>/`: first renames it, so that it is no longer a model, then deletes its files.
 * @throws AppError STORAGE_FAILED
 */
export async function removeModelFolder(modelsDir: string, id: string): Promise<void> {
  const target = join(modelsDir, id);
  await withTemporaryFolder(modelsDir, async (folder) => {
    await stored(target, rename(target, join(folder, 'removed')));
    await syncDirectory(modelsDir);
  });
}

/** Checks an id before the work begins. */
export async function checkModelId(
  modelsDir: string,
  id: string,
  { replace = false }: PublishOptions = {},
): Promise<void> {
  check(
    /^[a-z0-9][a-z0-9.-]{0,99}$/.test(id),
    'id',
    'lower-case letters, digits, dots and dashes, at most 100',
  );
  if (replace) return;
  const taken = await lstat(join(modelsDir, id)).then(
    () => true,
    () => false,
  );
  if (taken)
    throw new AppError(
      'BAD_USER_INPUT',
      `There is a model ${id} already. Give another id (--id), or put this one in its place (--replace).`,
      { details: { path: 'id', rule: 'an id that is not taken' } },
    );
}

/** Writes model.json into a folder that is not a model yet, durably. */
export async function writeModelFile(folder: string, definition: ModelFile): Promise<void> {
  const path = join(folder, 'model.json');
  await stored(path, writeFile(path, `${JSON.stringify(definition, null, 2)}\n`));
  await stored(path, syncFile(path));
}

/** @param aside temporary place of the old folder, from which it is restored if the move fails */
async function moveInPlace(folder: string, target: string, aside: string): Promise<void> {
  const replaces = await rename(target, aside).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  try {
    await rename(folder, target);
  } catch (error) {
    if (replaces) await rename(aside, target);
    throw error;
  }
  if (replaces) await rm(aside, { recursive: true, force: true });
}

async function removeAbandoned(unfinished: string): Promise<void> {
  const names = await readdir(unfinished).catch(() => []);
  for (const name of names) {
    const folder = join(unfinished, name);
    const changed = await stat(folder).catch(() => null);
    if (changed !== null && Date.now() - changed.mtimeMs > ABANDONED_AFTER_MS)
      await rm(folder, { recursive: true, force: true });
  }
}

async function stored<Result>(path: string, writing: Promise<Result>): Promise<Result> {
  try {
    return await writing;
  } catch (error) {
    throw new AppError('STORAGE_FAILED', `${path} cannot be written: ${messageOf(error)}`, {
      details: { path },
      cause: error,
    });
  }
}
