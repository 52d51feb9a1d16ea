import type { Dirent } from 'node:fs';
import { lstat, opendir, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { AppError } from '../../../errors.js';
import { isSystemFailure, readProblem } from '../../../lib/read-problem.js';
import { hasPictureEnding } from '../../media/format.js';
import {
  excludePatterns,
  IGNORE_FILE,
  isExcluded,
  isSystemFolder,
  MARKER_FILE,
  patternsOf,
  rulesBelow,
  withIgnoreFile,
  type FolderRules,
  type Patterns,
} from './exclusions.js';
import type { LeftOutReason } from './left-out.js';
import { joinRaw, shownPath, toRawName, type RawPath } from './raw-path.js';
import { isWithin, readPicture } from './read-picture.js';

const MAX_IGNORE_FILE_BYTES = 100_000;
/** Names read from a folder at once. */
const NAMES_AT_ONCE = 512;

export interface WalkOptions {
  /** Patterns as in .gitignore, relative to the folder. */
  readonly exclude?: readonly string[];
  /** Folders of this server, whose pictures are already in the gallery. */
  readonly ownFolders?: readonly string[];
  /** Absolute paths: only pictures directly in these folders; all if left out. */
  readonly folders?: ReadonlySet<string>;
  readonly signal?: AbortSignal;
  /** Called once per folder and reason. */
  readonly onLeftOut?: (reason: LeftOutReason, count: number) => void;
  /** Called for subfolders that cannot be read; without it they are an error. */
  readonly onUnreadable?: (folder: string, error: AppError) => void;
}

interface Folder {
  readonly path: RawPath;
  readonly rules: FolderRules;
}

interface Entry {
  readonly name: RawPath;
  readonly isFolder: boolean;
}

/**
 * The picture files below a folder, by extension, in byte order within each folder. A subfolder that cannot be read is
 * reported and skipped. Links are not followed, so nothing is found twice or outside the folder.
 * @throws AppError FOLDER_UNREADABLE for the first folder, BAD_USER_INPUT for a pattern
 */
export async function* walkPictures(root: string, options: WalkOptions = {}): AsyncGenerator<RawPath> {
  const { exclude = [], ownFolders = [], folders, signal, onLeftOut, onUnreadable } = options;
  const callers = [{ patterns: excludePatterns(exclude), prefix: '' }];
  const own = await ownBelow(root, ownFolders);
  if (own === 'all') return onLeftOut?.('OWN_FOLDER', 1);

  const waiting: (Folder | { readonly picture: RawPath })[] = [{ path: root, rules: callers }];
  for (let next; (next = waiting.pop()) !== undefined;) {
    if (signal?.aborted === true) return;
    if ('picture' in next) {
      yield next.picture;
      continue;
    }
    const folder = await listFolder(next, own).catch((error: unknown) => {
      if (!(error instanceof AppError) || next.path === root || onUnreadable === undefined) throw error;
      onUnreadable(shownPath(next.path), error);
      return null;
    });
    if (folder === null) continue;
    for (const [reason, count] of folder.leftOut) onLeftOut?.(reason, count);
    const isAsked = folders?.has(shownPath(next.path)) ?? true;
    for (const { name, isFolder } of folder.entries.reverse()) {
      const path = joinRaw(next.path, name);
      if (isFolder ? !leadsTo(shownPath(path), folders) : !isAsked) continue;
      waiting.push(isFolder ? { path, rules: rulesBelow(folder.rules, shownPath(name)) } : { picture: path });
    }
  }
}

/** Whether a folder is one of these or above one. */
function leadsTo(path: string, folders: ReadonlySet<string> | undefined): boolean {
  if (folders === undefined || folders.has(path)) return true;
  for (const folder of folders) if (isWithin(folder, path)) return true;
  return false;
}

/** Like `walkPictures`, all at once. Paths that are not UTF-8 are bytes. */
export async function listPictures(root: string, options: WalkOptions = {}): Promise<RawPath[]> {
  const found: RawPath[] = [];
  for await (const path of walkPictures(root, options)) found.push(path);
  return found;
}

/** The wanted entries of a folder, in order; read in portions, so that a huge folder does not block other work. */
async function listFolder({ path, rules }: Folder, own: ReadonlySet<string>) {
  try {
    const ignored = await readIgnoreFile(path);
    const here = ignored === null ? rules : withIgnoreFile(rules, ignored);
    const entries: Entry[] = [];
    const leftOut = new Map<LeftOutReason, number>();
    // Missing in Node's types: with this encoding names are bytes.
    const encoding = 'buffer' as BufferEncoding;
    for await (const dirent of await opendir(path, { encoding, bufferSize: NAMES_AT_ONCE })) {
      const name = toRawName(dirent.name as unknown as Buffer);
      if (name === IGNORE_FILE || name === MARKER_FILE) continue;
      const { isFolder, reason } = await judge(dirent, path, name, here, own);
      if (reason === null) entries.push({ name, isFolder });
      else leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1);
    }
    entries.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
    return { entries, leftOut, rules: here };
  } catch (error) {
    if (!isSystemFailure(error)) throw error;
    throw unreadable(readProblem(error), error);
  }
}

async function judge(
  dirent: Dirent,
  folder: RawPath,
  name: RawPath,
  rules: FolderRules,
  own: ReadonlySet<string>,
) {
  const shown = shownPath(name);
  const { isFolder, isFile, isLink } = await kindOf(dirent, joinRaw(folder, name));
  const reason = ((): LeftOutReason | null => {
    if (isFolder && isSystemFolder(shown)) return 'SYSTEM_FOLDER';
    if (shown.startsWith('.')) return 'HIDDEN';
    if (isFolder && own.has(shownPath(joinRaw(folder, name)))) return 'OWN_FOLDER';
    if (isExcluded(rules, isFolder ? `${shown}/` : shown)) return 'EXCLUDED';
    if (isLink) return 'LINK';
    if (!isFolder && !isFile) return 'SPECIAL_FILE';
    if (isFile && !hasPictureEnding(shown)) return 'NOT_A_PICTURE';
    return null;
  })();
  return { isFolder, reason };
}

/** Some file systems list names without kinds. */
async function kindOf(dirent: Dirent, path: RawPath) {
  const known = [
    dirent.isFile(),
    dirent.isDirectory(),
    dirent.isSymbolicLink(),
    dirent.isFIFO(),
    dirent.isSocket(),
    dirent.isBlockDevice(),
    dirent.isCharacterDevice(),
  ].includes(true);
  const of = known ? dirent : await lstat(path).catch(() => dirent); // already gone: then it counts as a special file
  return { isFile: of.isFile(), isFolder: of.isDirectory(), isLink: of.isSymbolicLink() };
}

/** Null if the folder has none. An unusable one makes its folder unreadable, since it may exclude private files. */
async function readIgnoreFile(folder: RawPath): Promise<Patterns | null> {
  const path = joinRaw(folder, IGNORE_FILE);
  try {
    if ((await lstat(path)).size === 0) return null;
    return patternsOf((await readPicture(path, { maxBytes: MAX_IGNORE_FILE_BYTES })).toString('utf8'));
  } catch (error) {
    if (isSystemFailure(error)) {
      if (error.code === 'ENOENT') return null;
      throw error;
    }
    if (!(error instanceof AppError)) throw error;
    throw unreadable(`its ${IGNORE_FILE} cannot be used: ${error.message}`, error);
  }
}

const unreadable = (why: string, cause: unknown): AppError =>
  new AppError('FOLDER_UNREADABLE', `The folder cannot be read: ${why.replace(/\.$/, '')}.`, { cause });

/** Paths of the server's own folders below `root`; 'all' if `root` is in one of them. */
async function ownBelow(root: string, ownFolders: readonly string[]): Promise<ReadonlySet<string> | 'all'> {
  const real = await realpath(root).catch(() => root);
  const own = new Set<string>();
  for (const folder of ownFolders) {
    const realFolder = await realpath(folder).catch(() => folder);
    if (isWithin(real, realFolder)) return 'all';
    if (isWithin(realFolder, real)) own.add(join(root, relative(real, realFolder)));
  }
  return own;
}
