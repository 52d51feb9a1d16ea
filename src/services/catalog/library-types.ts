/** Rows of libraries: folders whose pictures are in the gallery and stay where they are. */

export interface NewLibrary {
  readonly name: string;
  /** Real path, absolute. */
  readonly root: string;
  /** What the marker file in the root says; null where none could be written. */
  readonly marker: string | null;
  /** For every new picture. */
  readonly tags: readonly string[];
  /** Patterns with the rules of .gitignore. */
  readonly exclude: readonly string[];
}

export interface LibraryRow extends NewLibrary {
  readonly id: number;
  readonly createdAt: Date;
  /** When the last whole scan ended. */
  readonly scannedAt: Date | null;
}

/**
 * PRESENT and MISSING belong to the picture with their content. REMOVED: that picture was taken out of the gallery, and
 * the file stays. FAILED: it cannot be taken, for `failure`.
 */
export type LibraryFileState = 'PRESENT' | 'MISSING' | 'REMOVED' | 'FAILED';

export interface LibraryFileRow {
  /** Relative to the library's root, with `/`. */
  readonly path: string;
  /** Bytes, and milliseconds since 1970, when it was read. */
  readonly size: number;
  readonly mtimeMs: number;
  /** Hex; of a FAILED one that was read before, as it was then; null when it never could be read. */
  readonly sha256: string | null;
  readonly state: LibraryFileState;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

export interface KnownFileRow extends LibraryFileRow {
  /** Whether the gallery has a picture with its content. A PRESENT file is without one when its scan was cut short. */
  readonly hasPicture: boolean;
}

export interface LibraryPlace {
  readonly libraryId: number;
  readonly libraryName: string;
  /** Of the library, absolute. */
  readonly root: string;
  /** Relative to it, with `/`. */
  readonly path: string;
  readonly state: 'PRESENT' | 'MISSING';
}

/** Folders whose pictures stay where they are, and the files in them. */
export interface LibraryCatalog {
  /** In the order in which they were added. */
  list(): Promise<LibraryRow[]>;
  /** @throws AppError BAD_USER_INPUT when there is one with this root */
  add(library: NewLibrary): Promise<LibraryRow>;
  /** @throws AppError LIBRARY_NOT_FOUND */
  byId(id: number): Promise<LibraryRow>;
  /** What its marker file says from now on. */
  setMarker(id: number, marker: string | null): Promise<void>;
  /**
   * The pictures that are not stored, and that no other library has. Of the last library also those that none has any
   * more, since their files were overwritten.
   */
  onlyHere(id: number): Promise<number[]>;
  /** @returns whether it was there. Its pictures stay, but lose their places */
  remove(id: number): Promise<boolean>;
  setScanned(id: number, at: Date): Promise<void>;
  /** Every file, in pages. */
  files(id: number): AsyncIterable<readonly KnownFileRow[]>;
  /** Writes or replaces. */
  putFiles(id: number, files: readonly LibraryFileRow[]): Promise<void>;
  dropFiles(id: number, paths: readonly string[]): Promise<void>;
  /** Where files with these contents are or were, by content: those that are there first. */
  places(sha256s: readonly string[]): Promise<Map<string, LibraryPlace[]>>;
  /** A picture with this content is found again: where it was is forgotten. */
  forgetMissing(sha256: string): Promise<void>;
  /** Whether a picture with this content was taken out of the gallery while its file stayed. */
  wasRemoved(sha256: string): Promise<boolean>;
  /** How many files there are of each state. */
  counts(id: number): Promise<Record<LibraryFileState, number>>;
  /** Of the FAILED ones, in the order of their paths, at most `limit`. */
  failures(id: number, limit: number): Promise<LibraryFileRow[]>;
}
