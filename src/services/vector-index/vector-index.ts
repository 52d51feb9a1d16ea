import type { ImageFilter } from '../catalog/types.js';

/** What the rest of Likeness knows of the vector index. The index owns no rows: only labels and vectors. */

export interface Neighbour {
  /** The row's integer id (uint32, never reused). */
  readonly label: number;
  /** Cosine of the angle to the query, -1..1. */
  readonly cosine: number;
}

export interface LabelledVector {
  readonly label: number;
  /** Unit length, `dimension` float32 values. */
  readonly vector: Float32Array;
}

/**
 * `hnsw`: approximate search by graph. `exact`: every vector is compared, since there are few, or since there is no
 * graph that can be trusted (one is being built, or it was given up).
 */
export type SearchMode = 'hnsw' | 'exact';

/** What part of the ten nearest vectors searches find, measured by the index itself with queries like its vectors. */
export interface IndexRecall {
  /** 0..1. */
  readonly value: number;
  /** Queries it was measured with; 0 when there is nothing to measure, since every search compares all of them. */
  readonly sampleSize: number;
  /** Candidates that a search for ten looks at, as few as that recall allows; null when every search compares all. */
  readonly breadth: number | null;
  /** Vectors that the graph does not lead to; searches compare with each of them besides. */
  readonly strays: number;
  readonly measuredAt: Date | null;
  /** How long the graph was asked for every vector and the recall was measured, pauses included. */
  readonly durationMs: number | null;
}

export interface VectorIndexStatus {
  readonly size: number;
  readonly mode: SearchMode;
  /** A new graph is being built in the background. */
  readonly rebuilding: boolean;
  /** Which part of its vectors is in that graph, 0..1 (1 while it is checked); null when none is being built. */
  readonly built: number | null;
  /** Generation of the newest snapshot on disk, 0 when there is none. */
  readonly generation: number;
  /** Changes since that snapshot. */
  readonly unsavedChanges: number;
  /**
   * What was wrong with the snapshot found at open, or why the last build was given up, in a sentence; null when
   * nothing was. Search is exact as long as there is no graph.
   */
  readonly problem: string | null;
  /** Why no graph can be built on this machine, in a sentence; null where one can. Search is exact then. */
  readonly limitation: string | null;
  /** Null until it was measured. */
  readonly recall: IndexRecall | null;
}

/** Restricts a search to some labels. */
export interface Within {
  /** As the catalog takes it, for an engine that stores rows next to vectors and can join them. */
  readonly filter: ImageFilter;
  /** The labels that pass the filter, for an engine that has only vectors; called once per search. */
  ids(): Promise<ReadonlySet<number>>;
}

/**
 * The vectors of one space. Every method may be a round trip to another process, so an answer is of the moment it was
 * given: what has to hold together is one call, or is guarded by the caller (`Spaces.changing`, `exclusively`).
 * Whatever an awaited change did is seen by every call made after it. After `close` all but `status` reject with
 * SHUTTING_DOWN.
 */
export interface VectorIndex {
  readonly spaceId: string;
  readonly dimension: number;
  size(): Promise<number>;
  has(label: number): Promise<boolean>;
  /** The stored vector (a copy), or undefined. */
  vector(label: number): Promise<Float32Array | undefined>;
  /** Copies of the vectors that are there, by label. */
  vectors(labels: readonly number[]): Promise<Map<number, Float32Array>>;
  /** Every label there is at that moment, in no particular order. */
  labels(): Promise<Uint32Array>;
  /**
   * Adds vectors; searchable when the promise resolves. A label that is there already is left as it is.
   * @throws AppError MODEL_MISMATCH when a vector is not finite, not of unit length or of another dimension
   */
  add(entries: readonly LabelledVector[]): Promise<void>;
  /** Removes labels; those that are not there are ignored. */
  remove(labels: readonly number[]): Promise<void>;
  /**
   * The `k` nearest by cosine, best first (ties by smaller label). With `within`, only its labels are considered.
   * Exact when they are fewer than 5 % of the index.
   */
  search(query: Float32Array, k: number, within?: Within): Promise<Neighbour[]>;
  /** How many vectors have a cosine of at least `minCosine` to the query. Exact. */
  countAbove(query: Float32Array, minCosine: number, within?: Within): Promise<number>;
  /** The cosine of each of these labels to the query, by label; those that are not there are left out. Exact. */
  cosines(query: Float32Array, labels: readonly number[]): Promise<Map<number, number>>;
  status(): Promise<VectorIndexStatus>;
  /** Writes a snapshot now, if there are changes. */
  save(): Promise<void>;
  /**
   * Searches the graph for every vector now and measures the recall reported by `status`; resolves when done. The index does
   * this by itself after it is opened or changed. A graph that misses too much is rebuilt.
   */
  check(): Promise<void>;
  /**
   * Throws the graph away and builds it anew in the background; resolves when the new one serves. Joins a build that
   * runs already. Does nothing where no graph can be built (`limitation`).
   * @throws AppError STORAGE_FAILED when the build was given up, SHUTTING_DOWN when the index was closed meanwhile
   */
  rebuild(): Promise<void>;
  /** Resolves when nothing is being built in the background, whether it succeeded or not. */
  settled(): Promise<void>;
  /** Saves and frees. Safe to call more than once. */
  close(): Promise<void>;
}
