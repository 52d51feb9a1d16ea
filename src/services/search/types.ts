import type { LazyBytes } from '../../lib/byte-budget.js';
import type { ImageFilter, ImageRow } from '../catalog/types.js';
import type { Strength } from '../embedding/similarity-scale.js';
import type { Embedding, ModelDescription } from '../embedding/types.js';

export interface Match {
  /** 1-based. */
  readonly rank: number;
  /** max(0, cosine), 0..1. */
  readonly similarity: number;
  /** What that means in this space, and the share of random pairs that are less alike; null while that is not known. */
  readonly strength: Strength | null;
  readonly percentile: number | null;
  readonly image: ImageRow;
}

export interface StageTimings {
  readonly queueMs: number;
  readonly decodeMs: number;
  readonly embedMs: number;
  readonly searchMs: number;
  readonly totalMs: number;
}

/** A picture whose file may be needed again. */
export interface PictureFile {
  /** Null when the file is not kept: of an earlier search. */
  readonly file: LazyBytes | null;
}

/** A query picture and its vector, whether it was uploaded or is of the gallery. */
export interface Query extends PictureFile {
  readonly width: number;
  readonly height: number;
  readonly format: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly vector: Float32Array;
  /** The model that the vector is of: it compares with vectors of its space only. */
  readonly model: ModelDescription;
  /** The gallery image it is, when it was named by id. */
  readonly image: ImageRow | null;
  /** Null for a gallery image and for an earlier search: no pixels were touched. */
  readonly embedding: Embedding | null;
  /** Of the embedding, or as it was recorded; null when it would have to be made of the gallery image's file. */
  readonly swatch: Uint8Array | null;
}

/** What names a gallery image's file. */
export type StoredFile = Pick<ImageRow, 'sha256' | 'format' | 'bytes'>;

/** Exactly one of the two. */
export interface QuerySource {
  readonly file?: LazyBytes | undefined;
  readonly imageId?: number | undefined;
}

export interface QueryOptions {
  /** Also make a small picture of an upload, for the history. */
  readonly thumbnail?: boolean;
  readonly signal?: AbortSignal;
}

export interface SearchArgs {
  readonly topK: number;
  readonly minSimilarity: number;
  /** Matches of this strength or a greater one; no bound while strengths are not known. */
  readonly minStrength?: Strength | undefined;
  readonly filter?: ImageFilter | undefined;
}

export interface SearchAnswer {
  readonly id: string;
  readonly query: Query;
  readonly matches: readonly Match[];
  readonly timings: StageTimings;
}
