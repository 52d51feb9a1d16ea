import { open, type FileHandle } from 'node:fs/promises';
import { AppError, messageOf } from '../../errors.js';

/** A file open for reading anywhere in it. */
export class InputFile {
  private constructor(
    readonly path: string,
    readonly size: number,
    private readonly handle: FileHandle,
  ) {}

  /** @throws AppError MODEL_MISSING, or STORAGE_FAILED if it exists but cannot be opened */
  static async open(path: string): Promise<InputFile> {
    let handle: FileHandle | null = null;
    try {
      handle = await open(path, 'r');
      return new InputFile(path, (await handle.stat()).size, handle);
    } catch (error) {
      await handle?.close();
      throw asAppError(error, path);
    }
  }

  get fd(): number {
    return this.handle.fd;
  }

  /** Fills `into` with the bytes from `position` on; false if the file ends too early. */
  async fill(into: Uint8Array, position: number): Promise<boolean> {
    try {
      for (let filled = 0; filled < into.length;) {
        const { bytesRead } = await this.handle.read(into, filled, into.length - filled, position + filled);
        if (bytesRead === 0) return false;
        filled += bytesRead;
      }
      return true;
    } catch (error) {
      throw asAppError(error, this.path);
    }
  }

  /** The first bytes, at most `length`. */
  async head(length: number): Promise<Buffer> {
    const bytes = Buffer.alloc(Math.min(length, this.size));
    return (await this.fill(bytes, 0)) ? bytes : Buffer.alloc(0);
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

function asAppError(error: unknown, path: string): AppError {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR'
    ? new AppError('MODEL_MISSING', `${path} is not there.`, { details: { path }, cause: error })
    : new AppError('STORAGE_FAILED', `${path} cannot be read: ${messageOf(error)}`, {
        details: { path },
        cause: error,
      });
}
