import { constants } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';
import { AppError } from '../../../errors.js';
import { pause } from '../../../lib/pause.js';
import { isSystemFailure, readProblem } from '../../../lib/read-problem.js';
import { assertByteSize } from '../ingest.js';
import { shownPath, type RawPath } from './raw-path.js';

/** A file that changes while it is read is being written: the wait before the second attempt. */
const BEFORE_RETRY_MS = 500;

/** File systems round modification times, some to two seconds: in a file this recent, a change may not show. */
const YOUNG_MS = 2500;

export interface ReadOptions {
  readonly maxBytes: number;
  /** Follow a link; otherwise links are refused. */
  readonly followLinks?: boolean;
  /** A real path outside which nothing may be read. */
  readonly within?: string;
  readonly signal?: AbortSignal;
}

/** Between two checks of a file that was written a moment ago. */
const SETTLE_MS = 100;

/**
 * Reads a consistent version of a whole picture file. Anything but a regular file is refused without being read (a FIFO
 * would wait for a writer), and never more than the limit is read into memory.
 * @throws AppError IMAGE_TOO_LARGE, IMAGE_UNREADABLE, FILE_CHANGED, FORBIDDEN
 */
export async function readPicture(path: RawPath, options: ReadOptions): Promise<Buffer> {
  try {
    const bytes = await readOnce(path, options);
    if (bytes !== null) return bytes;
    await pause(BEFORE_RETRY_MS, options.signal);
    options.signal?.throwIfAborted();
    const again = await readOnce(path, options);
    if (again !== null) return again;
  } catch (error) {
    if (!isSystemFailure(error)) throw error;
    throw new AppError('IMAGE_UNREADABLE', `The file cannot be read: ${readProblem(error)}.`, {
      cause: error,
    });
  }
  throw new AppError(
    'FILE_CHANGED',
    'The file changed twice while it was read: import it once it is completely written.',
  );
}

/** Null if the file changed meanwhile. */
async function readOnce(
  path: RawPath,
  { maxBytes, followLinks = false, within, signal }: ReadOptions,
): Promise<Buffer | null> {
  const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants;
  const file = await open(path, O_RDONLY | O_NONBLOCK | (followLinks ? 0 : O_NOFOLLOW));
  try {
    if (within !== undefined) await assertWithin(path, within);
    const before = await file.stat({ bigint: true });
    if (!before.isFile()) {
      const what = before.isDirectory() ? 'a folder' : 'not a regular file';
      throw new AppError('IMAGE_UNREADABLE', `The file cannot be read: it is ${what}.`);
    }
    assertByteSize(Number(before.size), maxBytes);
    const bytes = await readSize(file, Number(before.size));
    if (bytes === null) return null;
    if (Math.abs(Date.now() - Number(before.mtimeMs)) < YOUNG_MS) {
      // A slow writer may be pausing: an incomplete file must not pass for a complete one.
      await pause(SETTLE_MS, signal);
      const again = await readSize(file, bytes.byteLength);
      if (again === null || !again.equals(bytes)) return null;
    }
    const after = await file.stat({ bigint: true });
    const same = after.size === before.size && after.mtimeNs === before.mtimeNs;
    return same ? bytes : null;
  } finally {
    await file.close();
  }
}

/** Reads a whole file of this size; null if it is shorter or longer by now. */
async function readSize(file: FileHandle, size: number): Promise<Buffer | null> {
  const buffer = Buffer.allocUnsafeSlow(size + 1); // the extra byte shows growth
  let length = 0;
  for (let read = 1; read > 0 && length < buffer.byteLength; length += read)
    read = (await file.read(buffer, length, buffer.byteLength - length, length)).bytesRead;
  return length === size ? buffer.subarray(0, size) : null;
}

/** A folder on the path may have become a link since it was listed. */
async function assertWithin(path: RawPath, within: string): Promise<void> {
  if (isWithin(shownPath(await realpath(path, { encoding: 'buffer' })), within)) return;
  throw new AppError('FORBIDDEN', 'The file is not below the folder that may be imported.');
}

/** Whether a path is this folder or below it, comparing text only. */
export function isWithin(path: string, folder: string): boolean {
  const rest = relative(folder, path);
  return rest === '' || (rest !== '..' && !rest.startsWith(`..${sep}`) && !isAbsolute(rest));
}
