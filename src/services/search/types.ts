import type { LazyBytes } from '../../lib/byte-budget.js';
import type { ImageFilter, ImageRow } from '../catalog/types.js';
import type { Strength } from '../embedding/similarity-scale.js';
import type { Embedding, ModelDescription } from '../embedding/types.js';
import type { Feature } from '../spaces/spaces.js';

export interface Match {
  /** 1-based. */
  readonly rank: number;
  /** max(0, cosine), 0..1. */
  readonly similarity: number;
  /** Its meaning in this space, and the share of random pairs that are less similar; null while unknown. */
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
  /** Null if the file is not kept, as in an earlier search. */
  readonly file: LazyBytes | null;
}

/** What is known of a picture's file. */
export interface PictureFacts {
  /** Upright, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly format: string;
  /** Size of the file in bytes. */
  readonly bytes: number;
  /** Hex, of the file. */
  readonly sha256: string;
}

interface Picture extends PictureFile {
  readonly facts: PictureFacts;
  /** Null if nothing was decoded: for a gallery image, and for an earlier search. */
  readonly embedding: Embedding | null;
}

/** A picture that was uploaded, now or for an earlier search. */
export interface UploadSubject extends Picture {
  readonly kind: 'upload';
  /** RGB, 8 bit, row-major, square. */
  readonly swatch: Uint8Array;
}

/** A picture of the gallery. */
export interface ImageSubject extends Picture {
  readonly kind: 'image';
  readonly image: ImageRow;
}

/** What a picture is described by. */
export interface TextSubject {
  readonly kind: 'text';
  readonly text: string;
}

export type PictureSubject = UploadSubject | ImageSubject;
export type Subject = PictureSubject | TextSubject;

/** A part of a picture, in fractions of its upright width and height, from the top left. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A vector can be compared only with those of its model's space. */
export interface QueryVector {
  readonly model: ModelDescription;
  /** Of the model's dimension, unit length. */
  readonly vector: Float32Array;
}

/** What is searched for: a subject, a region of it, and its vectors by the models. */
export interface Query<Of extends Subject = Subject> {
  readonly subject: Of;
  /** Null for the whole. */
  readonly region: Region | null;
  readonly vectors: ReadonlyMap<Feature, QueryVector>;
}

/** What identifies a gallery image's file. */
export type StoredFile = Pick<ImageRow, 'sha256' | 'format' | 'bytes'>;

/** Exactly one of the two. */
export interface QuerySource {
  readonly file?: LazyBytes | undefined;
  readonly imageId?: number | undefined;
}

export interface QueryOptions {
  /** Also make a thumbnail of an upload, for the history. */
  readonly thumbnail?: boolean;
  readonly signal?: AbortSignal;
}

export interface SearchArgs {
  readonly topK: number;
  readonly minSimilarity: number;
  /** Matches of at least this strength; no limit while strengths are unknown. */
  readonly minStrength?: Strength | undefined;
  readonly filter?: ImageFilter | undefined;
}

export interface SearchAnswer<Of extends Subject = Subject> {
  readonly id: string;
  readonly query: Query<Of>;
  readonly matches: readonly Match[];
  readonly timings: StageTimings;
}
