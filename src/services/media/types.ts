/** Stored pictures as the rest of Likeness sees them: files by content hash, and thumbnails made from them. */

import type { Readable } from 'node:stream';

export interface StoredFile {
  readonly sha256: string;
  readonly format: string;
}

/** A picture file found in the media folder. */
export interface FoundFile {
  /** Absolute. */
  readonly path: string;
  /** Relative to the media folder, separated by `/`. */
  readonly name: string;
  /** The picture that its name claims; null for another kind of name. */
  readonly claim: StoredFile | null;
  /** Whether it is where a picture with this name belongs. */
  readonly inPlace: boolean;
}

export interface Thumbnail {
  readonly path: string;
  /** The file itself if the disk has no room for it; then nothing is at `path`. */
  readonly bytes: Uint8Array | null;
  readonly contentType: string;
  /** The width class it was made for, in pixels; a narrower picture is not enlarged. */
  readonly width: number;
}

/** What the media folder asks of its catalog to settle what a crash left. */
export interface MediaRows {
  /** The format of the picture with this content; null if there is none. */
  formatOf(sha256: string): Promise<string | null>;
  /** Absolute paths where libraries have files with this content; they may no longer exist. */
  elsewhere(sha256: string): Promise<readonly string[]>;
  /** The id of the run that wrote last; null if there was none. */
  run(): Promise<string | null>;
  /** Durable when it resolves. */
  setRun(run: string): Promise<void>;
}

/** A file on disk but not in its place, until its picture is in the catalog. */
export interface StagedFile {
  /** Moves it to its place, after its row is committed. Never fails: if necessary, the next start does it. */
  publish(): Promise<void>;
  /** Removes it if `stage` wrote it, when it gets no row. Never fails, like `publish`. */
  discard(): Promise<void>;
}

/** A file taken out of its place, so that its row can be deleted. */
export interface WithdrawnFile {
  /** Moves it back when its row stays. Never fails, like `StagedFile.publish`. */
  restore(): Promise<void>;
  /** Removes it and its thumbnails, after its row is deleted. Never fails: if necessary, the next start does it. */
  discard(): Promise<void>;
}

/** A file without metadata, to be sent. */
export interface Stripped {
  readonly format: string;
  /** Its size. */
  readonly bytes: number;
  readonly open: () => Readable;
}

/** Every method throws MEDIA_UNAVAILABLE if the folder as a whole is missing or not writable. */
export interface MediaStore {
  /** Whether additions may be tried. @throws AppError MEDIA_UNAVAILABLE */
  assertWritable(): Promise<void>;
  /** Durable when it resolves. `format` is a key of FORMATS (`jpeg`, `png`, ...). One call per content at a time. */
  stage(bytes: Uint8Array, sha256: string, format: string): Promise<StagedFile>;
  /** Call this before a picture is removed. No error if its file is already gone. One call per content at a time. */
  withdraw(sha256: string, format: string): Promise<WithdrawnFile>;
  /**
   * Restores the file of a stored picture if it is missing or has changed, and drops its thumbnails. Durable when it
   * resolves. One call per content at a time.
   * @returns whether there was something to restore
   */
  repair(bytes: Uint8Array, sha256: string, format: string): Promise<boolean>;
  /** @throws AppError IMAGE_FILE_MISSING if the file is missing or has changed, STORAGE_FAILED if it cannot be read */
  read(sha256: string, format: string): Promise<Uint8Array>;
  /** Absolute path where a picture's file belongs, whether it exists or not. */
  path(sha256: string, format: string): string;
  /** Where the file is, in the media folder or in a library, after comparing its content with its hash. @throws AppError as `read` */
  verifiedPath(sha256: string, format: string): Promise<string>;
  /** Whether there is a file, with any content. */
  has(sha256: string, format: string): Promise<boolean>;
  contentType(format: string): string;
  /** Whether all browsers show files of this format. */
  isShownByBrowsers(format: string): boolean;
  /**
   * Every picture file, folder by folder, in its place or elsewhere. Thumbnails, hidden and temporary files, and the
   * unfinished files of the current run are left out.
   */
  list(): AsyncIterable<readonly FoundFile[]>;
  /** Removes a found file if the picture has the same content in its own place. @returns whether it was removed */
  removeCopy(found: FoundFile, picture: StoredFile): Promise<boolean>;
  /** Hex sha256 of what is on disk now; null if the file is missing. */
  hashOf(sha256: string, format: string): Promise<string | null>;
  /**
   * A WebP thumbnail of about that width (one of a few sizes), made once and kept; never enlarged.
   * @throws AppError as `read`, and IMAGE_UNREADABLE, SERVER_BUSY
   */
  thumbnail(sha256: string, format: string, width: number): Promise<Thumbnail>;
  /**
   * The file without what was written into it. Where that cannot be taken out of a file of this format without touching its
   * pixels, it is the large WebP that browsers get. @throws AppError as `thumbnail`
   */
  stripped(sha256: string, format: string): Promise<Stripped>;
  /** A large one, for browsers that do not show the original. @throws AppError as `thumbnail` */
  standIn(sha256: string, format: string): Promise<Thumbnail>;
  close(): Promise<void>;
}
