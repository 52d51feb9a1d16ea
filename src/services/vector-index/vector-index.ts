import type { ImageFilter } from '../catalog/types.js';

/** The vector index as the rest of Likeness sees it. It contains only labels and vectors, no rows of the catalog. */

export interface Neighbour {
  /** The row's integer id (uint32, never reused). */
  readonly label: number;
  /** Cosine with the query, -1..1. */
  readonly cosine: number;
}

export interface LabelledVector {
  readonly label: number;
  /** Unit length, `dimension` float32 values. */
  readonly vector: Float32Array;
}

/**
 * `hnsw`: approximate search by graph. `exact`: every vector is compared, because there are few, or because there is no
 * trustworthy graph (one is being built, or building was given up).
 */
export type SearchMode = 'hnsw' | 'exact';

/** Share of the ten nearest vectors that searches find, measured by the index itself with queries similar to its vectors. */
export interface IndexRecall {
  /** 0..1. */
  readonly value: number;
  /** Number of queries measured; 0 if every search compares all vectors and there is nothing to measure. */
  readonly sampleSize: number;
  /** Candidates that a search for ten examines, the fewest for that recall; null if every search compares all vectors. */
  readonly breadth: number | null;
  /** Number of vectors that cannot be reached through the graph; searches also compare each of them. */
  readonly strays: number;
  readonly measuredAt: Date | null;
  /** Duration of the check and the measurement, including pauses. */
  readonly durationMs: number | null;
}

export interface VectorIndexStatus {
  readonly size: number;
  readonly mode: SearchMode;
  /** Whether a new graph is being built in the background. */
  readonly rebuilding: boolean;
  /** Share of the vectors in that graph, 0..1 (1 while it is checked); null if none is being built. */
  readonly built: number | null;
  /** Generation of the newest snapshot on disk; 0 if there is none. */
  readonly generation: number;
  /** Changes since that snapshot. */
  readonly unsavedChanges: number;
  /**
   * What was wrong with the snapshot at open, or why the last build was given up, as a sentence; otherwise null. Search is
   * exact as long as there is no graph.
   */
  readonly problem: string | null;
  /** Why no graph can be built on this machine, as a sentence; search is then exact. Null if one can. */
  readonly limitation: string | null;
  /** Null until measured. */
  readonly recall: IndexRecall | null;
}

/** Restricts a search to some labels. */
export interface Within {
  /** The filter of the catalog, for an engine that stores rows with vectors and can join them. */
  readonly filter: ImageFilter;
  /** The labels that pass the filter, for an engine that has only vectors; called once per search. */
  ids(): Promise<ReadonlySet<number>>;
}

/**
 * The vectors of one space. Every method may be a round trip to another process, so an answer describes one moment:
 * consistency needs a single call, or a guard by the caller (`Spaces.changing`, `exclusively`). Calls made after an
 * awaited change see it. After `close` all methods but `status` reject with SHUTTING_DOWN.
 */
export interface VectorIndex {
  readonly spaceId: string;
  readonly dimension: number;
  size(): Promise<number>;
  has(label: number): Promise<boolean>;
  /** The stored vector (a copy), or undefined. */
  vector(label: number): Promise<Float32Array | undefined>;
  /** Copies of the existing vectors, by label. */
  vectors(labels: readonly number[]): Promise<Map<number, Float32Array>>;
  /** All labels at that moment, in no particular order. */
  labels(): Promise<Uint32Array>;
  /**
   * Adds vectors; they are searchable when the promise resolves. Existing labels are not changed.
   * @throws AppError MODEL_MISMATCH if a vector is not finite, not of unit length or of another dimension
   */
  add(entries: readonly LabelledVector[]): Promise<void>;
  /** Removes labels; unknown ones are ignored. */
  remove(labels: readonly number[]): Promise<void>;
  /**
   * The `k` nearest by cosine, best first (ties by smaller label). With `within`, only its labels are considered; exact if
   * they are fewer than 5 % of the index.
   */
  search(query: Float32Array, k: number, within?: Within): Promise<Neighbour[]>;
  /** How many vectors have a cosine of at least `minCosine` with the query. Exact. */
  countAbove(query: Float32Array, minCosine: number, within?: Within): Promise<number>;
  /** The cosine of each of these labels with the query, by label; unknown ones are left out. Exact. */
  cosines(query: Float32Array, labels: readonly number[]): Promise<Map<number, number>>;
  status(): Promise<VectorIndexStatus>;
  /** Writes a snapshot now if there are changes. */
  save(): Promise<void>;
  /**
   * Searches the graph for every vector now and measures the recall for `status`; resolves when done. The index does this
   * by itself after it is opened or changed. A graph that misses too much is rebuilt.
   */
  check(): Promise<void>;
  /**
   * Discards the graph and rebuilds it in the background; resolves when the new one serves. Joins a running build. Does
   * nothing if no graph can be built (`limitation`).
   * @throws AppError STORAGE_FAILED if the build was given up, SHUTTING_DOWN if the index was closed meanwhile
   */
  rebuild(): Promise<void>;
  /** Resolves when no background build is running, whether it succeeded or not. */
  settled(): Promise<void>;
  /** Saves and releases everything. Safe to call more than once. */
  close(): Promise<void>;
}
