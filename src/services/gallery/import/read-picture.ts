import { constants } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';
import { AppError } from '../../../errors.js';
import { pause } from '../../../lib/pause.js';
import { isSystemFailure, readProblem } from '../../../lib/read-problem.js';
import { assertByteSize } from '../ingest.js';
import { shownPath, type RawPath } from './raw-path.js';

/** A file that changes while it is read is being written: it gets so long before it is read once more. */
const BEFORE_RETRY_MS = 500;

/** File systems round times of change, some to two seconds: of what is as young as that, a change may not show. */
const YOUNG_MS = 2500;

export interface ReadOptions {
  readonly maxBytes: number;
  /** Read what a link points to; otherwise a link is refused. */
  readonly followLinks?: boolean;
  /** A real path outside which nothing may be read. */
  readonly within?: string;
  readonly signal?: AbortSignal;
}

/** Between two looks at a file that was written a moment ago. */
const SETTLE_MS = 100;

/**
 * The whole content of a picture file, of one moment. Anything but a regular file is refused without being read (a FIFO
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
    'The file changed while it was read, twice: import it when it is written.',
  );
}

/** Null when the file changed meanwhile. */
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
      // One who writes it bit by bit may just be resting: what was written until now must not pass for the whole.
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

/** Everything from the start of a file of this size; null when it is shorter or longer by now. */
async function readSize(file: FileHandle, size: number): Promise<Buffer | null> {
  const buffer = Buffer.allocUnsafeSlow(size + 1); // one more byte shows that it has grown
  let length = 0;
  for (let read = 1; read > 0 && length < buffer.byteLength; length += read)
    read = (await file.read(buffer, length, buffer.byteLength - length, length)).bytesRead;
  return length === size ? buffer.subarray(0, size) : null;
}

/** A folder on the way may have become a link since it was listed. */
async function assertWithin(path: RawPath, within: string): Promise<void> {
  if (isWithin(shownPath(await realpath(path, { encoding: 'buffer' })), within)) return;
  throw new AppError('FORBIDDEN', 'The file is not below the folder that may be imported.');
}

/** Whether a path is this folder or below it, by its text. */
export function isWithin(path: string, folder: string): boolean {
  const rest = relative(folder, path);
  return rest === '' || (rest !== '..' && !rest.startsWith(`..${sep}`) && !isAbsolute(rest));
}
