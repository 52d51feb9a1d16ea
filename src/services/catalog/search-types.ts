/** Rows of the search history. */

import type { Page, PageRequest } from '../../lib/cursor.js';

/** Newest first. */
export type SearchPage = PageRequest & { readonly visitorId: string };

export interface SearchRecordMatch {
  readonly imageId: number;
  readonly similarity: number;
}

/** What is kept of an uploaded query to repeat its search. */
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
  /** UUID, chosen by the caller. */
  readonly id: string;
  /** Anonymous visitor id (from a cookie or header), never a name or an address. */
  readonly visitorId: string;
  readonly createdAt: Date;
  readonly modelId: string;
  readonly spaceId: string;
  /** The gallery image searched by, if it was one. */
  readonly queryImageId: number | null;
  /** Small WebP or JPEG of the query, if it was an upload. */
  readonly thumbnail: Uint8Array | null;
  readonly thumbnailType: string | null;
  readonly totalMs: number;
  readonly matches: readonly SearchRecordMatch[];
  /** Null for a gallery picture, and for searches recorded before queries were kept. */
  readonly query: RecordedQuery | null;
}

/** A record in a listing: without what only repeating the search needs. */
export type SearchRecordRow = Omit<NewSearchRecord, 'query'>;

/** The search history. */
export interface SearchCatalog {
  record(records: readonly NewSearchRecord[]): Promise<void>;
  /** @throws AppError BAD_USER_INPUT for a cursor of another listing */
  list(page: SearchPage): Promise<Page<SearchRecordRow>>;
  byId(id: string): Promise<NewSearchRecord | null>;
  /** Searches of one visitor, in the order of the ids; ids of others are left out. */
  byIds(visitorId: string, ids: readonly string[]): Promise<SearchRecordRow[]>;
  clear(visitorId: string): Promise<number>;
  /** Deletes searches of one visitor; ids of others are ignored. Returns how many were deleted. */
  remove(visitorId: string, ids: readonly string[]): Promise<number>;
  /** Keeps the newest `keep` records over all visitors; returns how many were deleted. */
  prune(keep: number): Promise<number>;
}
