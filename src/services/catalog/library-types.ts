/** Rows of libraries: folders whose pictures are in the gallery and stay where they are. */

export interface NewLibrary {
  readonly name: string;
  /** Real path, absolute. */
  readonly root: string;
  /** Content of the marker file in the root; null if none could be written. */
  readonly marker: string | null;
  /** For every new picture. */
  readonly tags: readonly string[];
  /** Patterns as in .gitignore. */
  readonly exclude: readonly string[];
}

export interface LibraryRow extends NewLibrary {
  readonly id: number;
  readonly createdAt: Date;
  /** When the last full scan ended. */
  readonly scannedAt: Date | null;
}

/**
 * PRESENT and MISSING files belong to the picture with their content. REMOVED: that picture was removed from the gallery,
 * but the file stays. FAILED: it cannot be added; `failure` says why.
 */
export type LibraryFileState = 'PRESENT' | 'MISSING' | 'REMOVED' | 'FAILED';

export interface LibraryFileRow {
  /** Relative to the library's root, separated by `/`. */
  readonly path: string;
  /** In bytes, as of the last read; `mtimeMs` in milliseconds since 1970. */
  readonly size: number;
  readonly mtimeMs: number;
  /** Hex; for a FAILED file, of its last readable content; null if it never could be read. */
  readonly sha256: string | null;
  readonly state: LibraryFileState;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

export interface KnownFileRow extends LibraryFileRow {
  /** Whether the gallery has a picture with its content. A PRESENT file has none if its scan was interrupted. */
  readonly hasPicture: boolean;
}

export interface LibraryPlace {
  readonly libraryId: number;
  readonly libraryName: string;
  /** Root of the library, absolute. */
  readonly root: string;
  /** Relative to the root, separated by `/`. */
  readonly path: string;
  readonly state: 'PRESENT' | 'MISSING';
}

/** Folders whose pictures stay where they are, and the files in them. */
export interface LibraryCatalog {
  /** In the order in which they were added. */
  list(): Promise<LibraryRow[]>;
  /** @throws AppError BAD_USER_INPUT if a library with this root exists */
  add(library: NewLibrary): Promise<LibraryRow>;
  /** @throws AppError LIBRARY_NOT_FOUND */
  byId(id: number): Promise<LibraryRow>;
  /** Records the content of its new marker file. */
  setMarker(id: number, marker: string | null): Promise<void>;
  /**
   * Ids of its pictures that are neither stored nor in another library. For the last library, also those that are in
   * none any more because their files were overwritten.
   */
  onlyHere(id: number): Promise<number[]>;
  /** Its pictures stay, but lose their places in it. @returns whether it existed */
  remove(id: number): Promise<boolean>;
  setScanned(id: number, at: Date): Promise<void>;
  /** Every file, in pages. */
  files(id: number): AsyncIterable<readonly KnownFileRow[]>;
  /** Writes or replaces. */
  putFiles(id: number, files: readonly LibraryFileRow[]): Promise<void>;
  dropFiles(id: number, paths: readonly string[]): Promise<void>;
  /** Where files with these contents are or were, by content; present ones first. */
  places(sha256s: readonly string[]): Promise<Map<string, LibraryPlace[]>>;
  /** Forgets where files with this content were missing, once it is found again. */
  forgetMissing(sha256: string): Promise<void>;
  /** Whether a picture with this content was removed from the gallery while its file stayed. */
  wasRemoved(sha256: string): Promise<boolean>;
  /** The number of files in each state. */
  counts(id: number): Promise<Record<LibraryFileState, number>>;
  /** FAILED files in the order of their paths, at most `limit`. */
  failures(id: number, limit: number): Promise<LibraryFileRow[]>;
}
