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

/** How complete a space is. Every image is in exactly one of the last three. */
export interface Coverage {
  readonly images: number;
  /** Images that have their vector in the space. */
  readonly vectors: number;
  /** Images that have none, for a recorded reason. */
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
  /** All vectors of a space, ascending by id, in pages; the event loop runs between pages. */
  pages(spaceId: string, pageSize?: number): AsyncIterable<readonly LabelledBlob[]>;
  /**
   * Writes or replaces vectors, in chunks of one transaction each. Images removed meanwhile are left out; a recorded
   * failure is deleted when the image gets its vector.
   */
  put(spaceId: string, rows: readonly LabelledBlob[]): Promise<void>;
  /** Ids above `afterId` that have no vector in the space, ascending, at most `limit`. */
  idsWithout(spaceId: string, afterId: number, limit: number): Promise<number[]>;

  /** Records why an image has no vector in a space, replacing an earlier reason. Does nothing for a removed image. */
  recordFailure(failure: NewFailure): Promise<void>;
  /** The number of images with a recorded reason for having no vector in the space. */
  countFailures(spaceId: string): Promise<number>;
  /** Recorded reasons of images above `afterId`, ascending by image, at most `limit`. */
  failures(spaceId: string, afterId: number, limit: number): Promise<FailureRow[]>;

  /** Counted in one statement, so that the numbers are consistent. */
  coverage(spaceId: string): Promise<Coverage>;
  /** Ids above `afterId` with neither a vector in the space nor a recorded reason, ascending, at most `limit`. */
  idsPending(spaceId: string, afterId: number, limit: number): Promise<number[]>;
  /**
   * Writes facts (null removes one) only if no image is pending in the space; counts and writes in one transaction.
   * They were written if `pending` in the result is 0.
   */
  setFactsWhenCovered(spaceId: string, facts: Readonly<Record<string, string | null>>): Promise<Coverage>;
  /** Removes the vectors and recorded reasons of a space, in chunks; an interruption leaves some of them. */
  clearSpace(spaceId: string): Promise<void>;
  /** Removes a space and what is left in it. @returns whether it existed */
  removeSpace(spaceId: string): Promise<boolean>;
}
