/** What the rest of Likeness knows of stored pictures: files by content hash, and thumbnails made from them. */

export interface StoredFile {
  readonly sha256: string;
  readonly format: string;
}

export interface Thumbnail {
  readonly path: string;
  readonly contentType: string;
  /** The width class it was made for, in pixels; a narrower picture is not enlarged. */
  readonly width: number;
}

export interface MediaStore {
  /** Durable when it resolves; the same content twice is no error. `format` is a decoder's name (`jpeg`, `png`, ...). */
  put(bytes: Uint8Array, sha256: string, format: string): Promise<void>;
  /** @throws AppError STORAGE_FAILED when the file is gone or cannot be read */
  read(sha256: string, format: string): Promise<Uint8Array>;
  /** Absolute path, whether it is there or not. */
  path(sha256: string, format: string): string;
  contentType(format: string): string;
  /** The file and its thumbnails; no error when they are gone already. */
  remove(sha256: string, format: string): Promise<void>;
  /** Every stored original. */
  list(): AsyncIterable<StoredFile>;
  /** Hex sha256 of what is on disk now, or null when the file is gone. */
  hashOf(sha256: string, format: string): Promise<string | null>;
  /**
   * A WebP thumbnail of about that width (one of a few sizes), made once and kept; never enlarged.
   * @throws AppError STORAGE_FAILED, IMAGE_UNREADABLE, SERVER_BUSY
   */
  thumbnail(sha256: string, format: string, width: number): Promise<Thumbnail>;
  close(): Promise<void>;
}
