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

export interface LabelledBlob {
  readonly id: number;
  /** View on the stored bytes, float32 little endian. */
  readonly vector: Float32Array;
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
