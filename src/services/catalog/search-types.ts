/** Rows of the search history. */

import type { Page, PageRequest } from '../../lib/cursor.js';

/** Newest first. */
export type SearchPage = PageRequest & { readonly visitorId: string };

export interface SearchRecordMatch {
  readonly imageId: number;
  readonly similarity: number;
}

/** An uploaded query, as far as it is needed to search by it again. */
export interface RecordedQuery {
  readonly width: number;
  readonly height: number;
  readonly format: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Unit length, of the record's space. */
  readonly vector: Float32Array;
  /** RGB, 8 bit, row-major, square. */
  readonly swatch: Uint8Array;
}

export interface NewSearchRecord {
  /** UUID, made by the caller. */
  readonly id: string;
  /** Anonymous visitor id (from a cookie or header), never a name or an address. */
  readonly visitorId: string;
  readonly createdAt: Date;
  readonly modelId: string;
  readonly spaceId: string;
  /** The gallery image searched by, when it was one. */
  readonly queryImageId: number | null;
  /** Small WebP or JPEG of the uploaded query, when it was an upload. */
  readonly thumbnail: Uint8Array | null;
  readonly thumbnailType: string | null;
  readonly totalMs: number;
  readonly matches: readonly SearchRecordMatch[];
  /** Null for a picture of the gallery, and for searches recorded before it was kept. */
  readonly query: RecordedQuery | null;
}

/** As a listing has it: without what only searching again needs. */
export type SearchRecordRow = Omit<NewSearchRecord, 'query'>;

/** The search history. */
export interface SearchCatalog {
  record(records: readonly NewSearchRecord[]): Promise<void>;
  /** @throws AppError BAD_USER_INPUT for a cursor that is not one of this listing's */
  list(page: SearchPage): Promise<Page<SearchRecordRow>>;
  byId(id: string): Promise<NewSearchRecord | null>;
  /** Of one visitor's, in the order asked for; ids that are not theirs are left out. */
  byIds(visitorId: string, ids: readonly string[]): Promise<SearchRecordRow[]>;
  clear(visitorId: string): Promise<number>;
  /** Some of one visitor's; ids that are not theirs are ignored. Returns how many went. */
  remove(visitorId: string, ids: readonly string[]): Promise<number>;
  /** Keeps the newest `keep` records over all visitors; returns how many went. */
  prune(keep: number): Promise<number>;
}
