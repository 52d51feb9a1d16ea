/** What the rest of Likeness knows of stored pictures: files by content hash, and thumbnails made from them. */

export interface StoredFile {
  readonly sha256: string;
  readonly format: string;
}

/** A picture file found in the media folder. */
export interface FoundFile {
  /** Absolute. */
  readonly path: string;
  /** Relative to the media folder, with `/`. */
  readonly name: string;
  /** What its name says that it is; null when it has another kind of name. */
  readonly claim: StoredFile | null;
  /** Whether it lies where a picture with this name is looked for. */
  readonly inPlace: boolean;
}

export interface Thumbnail {
  readonly path: string;
  /** The file itself where there is no room on the disk for it: nothing is at `path` then. */
  readonly bytes: Uint8Array | null;
  readonly contentType: string;
  /** The width class it was made for, in pixels; a narrower picture is not enlarged. */
  readonly width: number;
}

/** What the media folder asks of the catalog beside it, to decide what a crash left. */
export interface MediaRows {
  /** The format of the picture with this content, null when there is none. */
  formatOf(sha256: string): Promise<string | null>;
  /** Where libraries have files with this content, absolute; whether they still are there is not known. */
  elsewhere(sha256: string): Promise<readonly string[]>;
  /** The id of the run that wrote last, null when there was none. */
  run(): Promise<string | null>;
  /** Durable when it resolves. */
  setRun(run: string): Promise<void>;
}

/** A file that is on the disk, but not in its place: it belongs to a picture only once that is in the catalog. */
export interface StagedFile {
  /** Its row is committed: moves it to its place. Never fails: where it cannot, the next start does it. */
  publish(): Promise<void>;
  /** It has no row: removes it, if `stage` wrote it. Never fails, as `publish`. */
  discard(): Promise<void>;
}

/** A file taken out of its place, so that its row can be deleted. */
export interface WithdrawnFile {
  /** Its row stays: puts it back. Never fails, as `StagedFile.publish`. */
  restore(): Promise<void>;
  /** Its row is deleted: removes it and its thumbnails. Never fails: what cannot be removed now is at the next start. */
  discard(): Promise<void>;
}

/** Any of these throws MEDIA_UNAVAILABLE when the folder as a whole is away or cannot be written. */
export interface MediaStore {
  /** Whether additions may be tried. @throws AppError MEDIA_UNAVAILABLE */
  assertWritable(): Promise<void>;
  /** Durable when it resolves. `format` is a decoder's name (`jpeg`, `png`, ...). One call for a content at a time. */
  stage(bytes: Uint8Array, sha256: string, format: string): Promise<StagedFile>;
  /** Before a picture is removed. No error when its file is gone already. One call for a content at a time. */
  withdraw(sha256: string, format: string): Promise<WithdrawnFile>;
  /**
   * Puts the file of a stored picture back when it is gone or has changed, and drops its thumbnails. Durable when it
   * resolves. One call for a content at a time.
   * @returns whether there was something to put back
   */
  repair(bytes: Uint8Array, sha256: string, format: string): Promise<boolean>;
  /** @throws AppError IMAGE_FILE_MISSING when the file is gone or has changed, STORAGE_FAILED when it cannot be read */
  read(sha256: string, format: string): Promise<Uint8Array>;
  /** Where a picture's file belongs, absolute, whether it is there or not. */
  path(sha256: string, format: string): string;
  /** Where it is, in the media folder or in a library; its content was compared with its hash. @throws AppError as `read` */
  verifiedPath(sha256: string, format: string): Promise<string>;
  /** Whether there is a file, whatever is in it. */
  has(sha256: string, format: string): Promise<boolean>;
  contentType(format: string): string;
  /** Whether all browsers show files of this format. */
  isShownByBrowsers(format: string): boolean;
  /**
   * Every picture file, folder by folder: those in their place and any other. Left out are thumbnails, hidden and
   * temporary files, and what the run that writes now has under way.
   */
  list(): AsyncIterable<readonly FoundFile[]>;
  /** Removes a found file whose content a picture has in its own place. @returns whether it was such a one */
  removeCopy(found: FoundFile, picture: StoredFile): Promise<boolean>;
  /** Hex sha256 of what is on disk now, or null when the file is gone. */
  hashOf(sha256: string, format: string): Promise<string | null>;
  /**
   * A WebP thumbnail of about that width (one of a few sizes), made once and kept; never enlarged.
   * @throws AppError as `read`, and IMAGE_UNREADABLE, SERVER_BUSY
   */
  thumbnail(sha256: string, format: string, width: number): Promise<Thumbnail>;
  /** A large one, for browsers that do not show the original. @throws AppError as `thumbnail` */
  standIn(sha256: string, format: string): Promise<Thumbnail>;
  close(): Promise<void>;
}
