/** Rows as the rest of Likeness sees them; Prisma and SQLite stay inside this folder. */

import type { Page, PageRequest } from '../../lib/cursor.js';
import type { Exposure, PictureFacts, Place } from '../media/facts/types.js';
import type { AlbumCatalog } from './album-types.js';
import type { LibraryCatalog } from './library-types.js';
import type { SearchCatalog } from './search-types.js';
import type { NewVector, VectorCatalog } from './vector-types.js';

export interface ImageRow extends Omit<NewImage, 'written' | 'before'> {
  /** Integer from 1; also the label in every vector index; never reused. */
  readonly id: number;
  readonly createdAt: Date;
  /** Whether its file is in the media folder; otherwise it is only in libraries. */
  readonly stored: boolean;
  /** It is not stored, and no library currently has its file. */
  readonly missing: boolean;
  /** How often its content was replaced; usually 0. */
  readonly version: number;
  readonly taken: Taken;
  readonly camera: string | null;
  readonly lens: string | null;
  /** Null if nothing is known. */
  readonly exposure: Exposure | null;
  /** Also null if places are not stored. */
  readonly place: Place | null;
  /** 1 to 5; null for none. */
  readonly rating: number | null;
  readonly favorite: boolean;
}

/** When a picture was taken, or what comes closest. */
export interface Taken {
  /** If the camera's offset from UTC is unknown, the reading of its clock as if in UTC. */
  readonly at: Date;
  /** As the camera's clock showed it: `YYYY-MM-DDThh:mm:ss[.mmm]`; null unless it is from the PICTURE. */
  readonly local: string | null;
  /** Offset of that clock from UTC; null if not recorded. */
  readonly offsetMinutes: number | null;
  readonly from: TakenFrom;
}

/** Source of the time: the picture itself, the modification time of its file, or when it was added. */
export type TakenFrom = 'PICTURE' | 'FILE' | 'ADDED';

/** What was read from a picture's file. */
export interface Written {
  readonly facts: PictureFacts;
  /** When the file was last changed; null if that is meaningless, as for an upload. */
  readonly modifiedAt: Date | null;
  /** Whether its place is to be stored. */
  readonly withPlace: boolean;
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
  /** Sorted when read from a row. */
  readonly tags: readonly string[];
  /** False for a file that stays in a library; true when left out. */
  readonly stored?: boolean;
  /** Left out if the file was not read; it is read later. */
  readonly written?: Written;
  readonly before?: KnownBefore | undefined;
}

/** What another gallery knew of a picture. */
export interface KnownBefore {
  /** In place of the file's own. */
  readonly rating: number | null;
  readonly favorite: boolean;
  /** Null for now. */
  readonly createdAt: Date | null;
}

/** What follows from a picture's content. */
export type ImageContent = Pick<NewImage, 'sha256' | 'width' | 'height' | 'format' | 'bytes'> & {
  readonly written: Written;
  /** Added to its existing tags. */
  readonly tags: readonly string[];
};

/** What people enter about a picture: title, tags, rating. */
export interface ImageWords {
  readonly title?: string | undefined;
  /** Replace all its tags; sorted as in a row. */
  readonly tags?: readonly string[] | undefined;
  /** 1 to 5; null removes it. */
  readonly rating?: number | null | undefined;
  readonly favorite?: boolean | undefined;
}

/** Shape of the upright picture. */
export type Orientation = 'LANDSCAPE' | 'PORTRAIT' | 'SQUARE';

export interface ImageFilter {
  /** All of these. */
  readonly tags?: readonly string[] | undefined;
  /** At least one of these. */
  readonly anyTags?: readonly string[] | undefined;
  /** At or after this instant. */
  readonly createdAfter?: Date | undefined;
  /** Before this instant. */
  readonly createdBefore?: Date | undefined;
  /** Part of the title, of a tag or of a path in a library, all folded (`foldText`). */
  readonly text?: string | undefined;
  /** Has a file in this library, present or missing. */
  readonly libraryId?: number | undefined;
  readonly missing?: boolean | undefined;
  /** Is in the list of this album. */
  readonly albumId?: number | undefined;
  /** Is one of these: the current pictures of a smart album, in its order. */
  readonly among?: readonly number[] | undefined;
  /** By the clock where it was taken, read as UTC: at or after this. */
  readonly takenAfter?: Date | undefined;
  /** The same: before this. */
  readonly takenBefore?: Date | undefined;
  /** Exactly this. */
  readonly camera?: string | undefined;
  readonly format?: string | undefined;
  readonly orientation?: Orientation | undefined;
  /** Width times height, at least. */
  readonly minPixels?: number | undefined;
  readonly favorite?: boolean | undefined;
  readonly minRating?: number | undefined;
  /** Whether it has any tag. */
  readonly tagged?: boolean | undefined;
}

/**
 * Of equal times or titles the id decides. TITLE goes by `naturalKey`, ALBUM is the order of the filter's `among` or album.
 */
export type ImageOrder = 'NEWEST' | 'OLDEST' | 'TITLE' | TakenOrder | 'ALBUM';
/** By the clock where it was taken. */
export type TakenOrder = 'TAKEN_NEWEST' | 'TAKEN_OLDEST';

/** A month in which pictures were taken, by the local clock. */
export interface MonthRow {
  /** `YYYY-MM`. */
  readonly month: string;
  readonly count: number;
  /** What lies before its first picture in the order asked for: a page behind it begins with the month. */
  readonly cursor: string;
}

export interface CameraCountRow {
  readonly camera: string;
  readonly count: number;
}

/** What was read from a picture's file after it was added. */
export interface LateFacts {
  readonly id: number;
  /** Hash of the content that was read: nothing is written if the content has changed since. */
  readonly sha256: string;
  readonly written: Written;
}

export type ImagePage = PageRequest & {
  readonly filter?: ImageFilter | undefined;
  readonly orderBy: ImageOrder;
};

export interface TagCountRow {
  /** The first spelling, if pictures have the same tag in several. */
  readonly tag: string;
  readonly count: number;
}

export interface NewPicture {
  readonly image: NewImage;
  readonly vectors: readonly NewVector[];
}

export interface CreatedImage {
  readonly image: ImageRow;
  /** False if a picture with the same bytes existed. */
  readonly created: boolean;
}

/** Rows of the gallery's pictures and their tags. */
export interface ImageCatalog {
  /**
   * Adds the row, its tags and its vectors in one transaction. If a row with the same bytes exists, returns that one,
   * and adds its vectors in the spaces where it had none.
   */
  create(image: NewImage, vectors: readonly NewVector[]): Promise<CreatedImage>;
  /**
   * The same for several pictures that share a transaction and its disk sync. One that fails does not affect the
   * others. Each fulfilled one is committed when this resolves.
   * @returns the result of each, in order
   */
  createAll(pictures: readonly NewPicture[]): Promise<readonly PromiseSettledResult<CreatedImage>[]>;
  byId(id: number): Promise<ImageRow | null>;
  byHash(sha256: string): Promise<ImageRow | null>;
  /** The formats of those contents that are in the gallery, by hash. */
  formatsByHash(sha256s: readonly string[]): Promise<Map<string, string>>;
  /** In the order asked for; unknown ids are left out. */
  byIds(ids: readonly number[]): Promise<ImageRow[]>;
  /** @throws AppError BAD_USER_INPUT for a cursor of another listing */
  list(page: ImagePage): Promise<Page<ImageRow>>;
  /** Ids of all images that pass the filter. */
  idsMatching(filter: ImageFilter): Promise<Set<number>>;
  count(): Promise<number>;
  /** Every (id, sha256), ascending by id, in pages. */
  hashes(
    pageSize?: number,
  ): AsyncIterable<readonly { readonly id: number; readonly sha256: string; readonly format: string }[]>;
  /**
   * Adds tags, then removes tags (a tag in both lists is removed), in one transaction. Returns the rows afterwards.
   * @throws AppError IMAGE_NOT_FOUND when an id is unknown (nothing is changed)
   */
  tag(ids: readonly number[], add: readonly string[], remove: readonly string[]): Promise<ImageRow[]>;
  /** Changes title or tags; what is left out stays. @returns null if there is no such picture */
  update(id: number, words: ImageWords): Promise<ImageRow | null>;
  /** Deletes rows, tags and vectors in one transaction; returns the deleted rows. Unknown ids are ignored. */
  remove(ids: readonly number[]): Promise<ImageRow[]>;
  tagCounts(): Promise<TagCountRow[]>;
  /** Most used first. */
  cameraCounts(): Promise<CameraCountRow[]>;
  /** The months in which matching pictures were taken, in this order. */
  months(filter: ImageFilter, orderBy: TakenOrder): Promise<MonthRow[]>;
  /** The number of pictures whose files have not been read for all metadata to be stored. */
  countUnread(withPlace: boolean): Promise<number>;
  /** Their ids above `afterId`, ascending, at most `limit`. */
  idsUnread(withPlace: boolean, afterId: number, limit: number): Promise<number[]>;
  /** Writes what was read, in one transaction; changes by people are kept. @returns the rows afterwards */
  putFacts(read: readonly LateFacts[]): Promise<ImageRow[]>;
  /** Removes all stored places. @returns the pictures that may have had one */
  forgetPlaces(): Promise<number[]>;
  /** The number of images whose file is in the media folder. */
  countStored(): Promise<number>;
  /** Records that its file is in the media folder. @returns whether the image still exists with this content */
  setStored(id: number, sha256: string): Promise<boolean>;
  /**
   * Gives a picture new content under the same id, in one transaction: sets the row's facts and replaces all its vectors.
   * @returns null if the picture is gone, is stored or no longer has the content `before`, or if another has the new content
   */
  replaceContent(
    picture: { readonly id: number; readonly before: string },
    content: ImageContent,
    vectors: readonly NewVector[],
  ): Promise<ImageRow | null>;
  /** Sets `missing` of the pictures with these contents from stored files and libraries. @returns those that changed */
  settleMissing(sha256s: readonly string[]): Promise<ImageRow[]>;
}

/** Small facts about the data folder, for example that the sample gallery was filled. */
export interface FactCatalog {
  get(key: string): Promise<string | null>;
  /** Null removes the fact. */
  set(key: string, value: string | null): Promise<void>;
}

/** Code that needs only some of it takes `Pick<Catalog, …>`. */
export interface Catalog {
  readonly images: ImageCatalog;
  readonly vectors: VectorCatalog;
  readonly searches: SearchCatalog;
  readonly facts: FactCatalog;
  readonly libraries: LibraryCatalog;
  readonly albums: AlbumCatalog;
  /** Lets the database check itself. @returns the problems found; none if it is sound */
  integrityProblems(): Promise<string[]>;
  close(): Promise<void>;
}
