/** Rows as the rest of Likeness sees them; nothing of Prisma or SQLite leaks out of this folder. */

import type { Page, PageRequest } from '../../lib/cursor.js';
import type { AlbumCatalog } from './album-types.js';
import type { LibraryCatalog } from './library-types.js';
import type { SearchCatalog } from './search-types.js';

export interface ImageRow extends NewImage {
  /** Integer id, 1.. ; also the label in every vector index; never reused. */
  readonly id: number;
  readonly createdAt: Date;
  /** Whether its file is in the media folder; otherwise only libraries have it. */
  readonly stored: boolean;
  /** It is not stored, and no library has its file at the moment. */
  readonly missing: boolean;
  /** How often its content was replaced; 0 for nearly all. */
  readonly version: number;
}

export interface NewImage {
  /** Hex sha256 of the encoded bytes; unique. */
  readonly sha256: string;
  readonly title: string;
  /** Upright (EXIF orientation applied), in pixels. */
  readonly width: number;
  readonly height: number;
  /** Lower-case format by content, a key of media's FORMATS. */
  readonly format: string;
  /** Size of the encoded file in bytes. */
  readonly bytes: number;
  /** Sorted, in a row. */
  readonly tags: readonly string[];
  /** False for a file that stays in a library; true when left out. */
  readonly stored?: boolean;
}

/** What a picture's content says of it. */
export type ImageContent = Pick<NewImage, 'sha256' | 'width' | 'height' | 'format' | 'bytes'>;

/** What people call a picture. */
export interface ImageWords {
  readonly title?: string | undefined;
  /** In place of all it has; as in a row. */
  readonly tags?: readonly string[] | undefined;
}

export interface ImageFilter {
  /** Every one of these. */
  readonly tags?: readonly string[] | undefined;
  /** At least one of these. */
  readonly anyTags?: readonly string[] | undefined;
  /** At or after this instant. */
  readonly createdAfter?: Date | undefined;
  /** Before this instant. */
  readonly createdBefore?: Date | undefined;
  /** Part of the title, of a tag or of a path in a library, all folded (`foldText`). */
  readonly text?: string | undefined;
  /** Has a file in this library, there or missing. */
  readonly libraryId?: number | undefined;
  readonly missing?: boolean | undefined;
  /** Is in the list of this album. */
  readonly albumId?: number | undefined;
  /** Is one of these: what a smart album has now, in its order. */
  readonly among?: readonly number[] | undefined;
}

/**
 * Of equal instants or titles the id decides. TITLE ignores case and otherwise goes by code point. ALBUM is the order of
 * the filter's `among` or album.
 */
export type ImageOrder = 'NEWEST' | 'OLDEST' | 'TITLE' | 'ALBUM';

export type ImagePage = PageRequest & {
  readonly filter?: ImageFilter | undefined;
  readonly orderBy: ImageOrder;
};

export interface NewSpace {
  readonly id: string;
  readonly modelId: string;
  readonly dimension: number;
}

export interface SpaceRow extends NewSpace {
  readonly createdAt: Date;
}

/** An image's vector in one space. */
export interface NewVector {
  readonly spaceId: string;
  /** Of the space's dimension, unit length. */
  readonly vector: Float32Array;
}

/** How far a space has come. Every image is in exactly one of the last three. */
export interface Coverage {
  readonly images: number;
  /** Images that have their vector in the space. */
  readonly vectors: number;
  /** Images that have none, and a recorded reason for it. */
  readonly failed: number;
  /** Images that have neither. */
  readonly pending: number;
}

export interface FailureRow extends NewFailure {
  readonly createdAt: Date;
}

export interface NewFailure {
  readonly imageId: number;
  readonly spaceId: string;
  /** A code of `errors.ts`. */
  readonly code: string;
  readonly message: string;
}

export interface TagCountRow {
  /** Where pictures show the same tag in several ways, the first of them. */
  readonly tag: string;
  readonly count: number;
}

export interface LabelledBlob {
  readonly id: number;
  /** View on the stored bytes, float32 little endian. */
  readonly vector: Float32Array;
}

export interface NewPicture {
  readonly image: NewImage;
  readonly vectors: readonly NewVector[];
}

export interface CreatedImage {
  readonly image: ImageRow;
  /** False when the same bytes were there already. */
  readonly created: boolean;
}

/** Rows of the gallery's pictures and their tags. */
export interface ImageCatalog {
  /**
   * One transaction: the row, its tags and its vectors; or, when the bytes are known already, the row that is there
   * (then also its vectors in those of the spaces where it had none).
   */
  create(image: NewImage, vectors: readonly NewVector[]): Promise<CreatedImage>;
  /**
   * The same for several, which share a transaction and its wait for the disk. One that fails does not keep the others
   * out. Each that is fulfilled is committed when this resolves.
   * @returns what became of each, in their order
   */
  createAll(pictures: readonly NewPicture[]): Promise<readonly PromiseSettledResult<CreatedImage>[]>;
  byId(id: number): Promise<ImageRow | null>;
  byHash(sha256: string): Promise<ImageRow | null>;
  /** Of these contents, the formats of those that are in the gallery. */
  formatsByHash(sha256s: readonly string[]): Promise<Map<string, string>>;
  /** In the order asked for; unknown ids are left out. */
  byIds(ids: readonly number[]): Promise<ImageRow[]>;
  /** @throws AppError BAD_USER_INPUT for a cursor that is not one of this listing's */
  list(page: ImagePage): Promise<Page<ImageRow>>;
  /** Ids of all images that pass; for filtered searches. */
  idsMatching(filter: ImageFilter): Promise<Set<number>>;
  count(): Promise<number>;
  /** Every (id, sha256), ascending by id, in pages. */
  hashes(
    pageSize?: number,
  ): AsyncIterable<readonly { readonly id: number; readonly sha256: string; readonly format: string }[]>;
  /**
   * Adds tags, then removes tags (one in both lists goes), in one transaction; the rows as they are then.
   * @throws AppError IMAGE_NOT_FOUND when an id is unknown (nothing is changed)
   */
  tag(ids: readonly number[], add: readonly string[], remove: readonly string[]): Promise<ImageRow[]>;
  /** Other words for a picture; what is left out stays. @returns null when there is no such picture */
  update(id: number, words: ImageWords): Promise<ImageRow | null>;
  /** Deletes rows, tags and vectors in one transaction; returns what was there. Unknown ids are ignored. */
  remove(ids: readonly number[]): Promise<ImageRow[]>;
  tagCounts(): Promise<TagCountRow[]>;
  /** How many have their file in the media folder. */
  countStored(): Promise<number>;
  /** Its file is in the media folder from now on. @returns whether it is there and has this content still */
  setStored(id: number, sha256: string): Promise<boolean>;
  /**
   * Other content under the same id: the row's facts, and these vectors in the place of all it has, in one transaction.
   * @returns null when the picture is gone, is stored, or has not the content `before` any more, or another one has this content
   */
  replaceContent(
    picture: { readonly id: number; readonly before: string },
    content: ImageContent,
    vectors: readonly NewVector[],
  ): Promise<ImageRow | null>;
  /** Of the pictures with these contents: `missing` as stored files and libraries are now; those that changed. */
  settleMissing(sha256s: readonly string[]): Promise<ImageRow[]>;
}

/** Spaces, the vectors in them, and why an image has none. */
export interface VectorCatalog {
  /** Registers a space; the same id twice is no error. */
  ensureSpace(space: NewSpace): Promise<void>;
  spaces(): Promise<SpaceRow[]>;
  count(spaceId: string): Promise<number>;
  /** All vectors of a space, ascending by id, in pages, without blocking the event loop for more than a page. */
  pages(spaceId: string, pageSize?: number): AsyncIterable<readonly LabelledBlob[]>;
  /**
   * Writes or replaces vectors, in chunks (each of them whole or not at all). Ids of images that were removed
   * meanwhile are left out; a recorded failure of an image that now has its vector goes.
   */
  put(spaceId: string, rows: readonly LabelledBlob[]): Promise<void>;
  /** Ids above `afterId` that have no vector in the space, ascending, at most `limit`. */
  idsWithout(spaceId: string, afterId: number, limit: number): Promise<number[]>;

  /** Why an image has no vector in a space; a later reason replaces it. Nothing for an image that is gone. */
  recordFailure(failure: NewFailure): Promise<void>;
  /** Images with a recorded reason for having no vector in the space. */
  countFailures(spaceId: string): Promise<number>;
  /** Recorded reasons of images above `afterId`, ascending by image, at most `limit`. */
  failures(spaceId: string, afterId: number, limit: number): Promise<FailureRow[]>;

  /** Counted in one statement, so that the numbers belong together. */
  coverage(spaceId: string): Promise<Coverage>;
  /** Ids above `afterId` with neither a vector in the space nor a recorded reason, ascending, at most `limit`. */
  idsPending(spaceId: string, afterId: number, limit: number): Promise<number[]>;
  /**
   * Writes facts (null removes one) if, and only if, no image is pending in the space; counted and written in one
   * transaction. The answer's `pending` says whether it was.
   */
  setFactsWhenCovered(spaceId: string, facts: Readonly<Record<string, string | null>>): Promise<Coverage>;
  /** Removes the vectors and recorded reasons of a space, in chunks. Interrupted, it has removed some of them. */
  clearSpace(spaceId: string): Promise<void>;
  /** Removes a space and whatever is left in it. @returns whether there was one */
  removeSpace(spaceId: string): Promise<boolean>;
}

/** Small facts about the data folder (say, that the sample gallery was filled). */
export interface FactCatalog {
  get(key: string): Promise<string | null>;
  /** Null removes it. */
  set(key: string, value: string | null): Promise<void>;
}

/** What a part of the catalog needs to know of it is asked for by `Pick<Catalog, …>`. */
export interface Catalog {
  readonly images: ImageCatalog;
  readonly vectors: VectorCatalog;
  readonly searches: SearchCatalog;
  readonly facts: FactCatalog;
  readonly libraries: LibraryCatalog;
  readonly albums: AlbumCatalog;
  /** Asks the database itself whether it is sound; the problems found, none when it is. */
  integrityProblems(): Promise<string[]>;
  close(): Promise<void>;
}
