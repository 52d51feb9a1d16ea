import { Gate } from '../../lib/gate.js';
import type { Embedder, ModelDescription } from '../embedding/types.js';
import type { VectorIndex } from '../vector-index/vector-index.js';

/** A model at work and the index of the vectors that it made; only together do they answer anything. */
export interface Space {
  readonly model: ModelDescription;
  readonly embedder: Embedder;
  readonly index: VectorIndex;
}

/** The right to use a space until `release()`, even when another one has begun to serve meanwhile. */
export interface SpaceLease {
  readonly space: Space;
  /** Aborted when another space serves: what was begun for this one may be pointless now. */
  readonly replaced: AbortSignal;
  /** Safe to call more than once. */
  release(): void;
}

interface Held {
  readonly space: Space;
  readonly replaced: AbortController;
  leases: number;
  /** Resolves when it was given up and is closed. */
  closed: Promise<void> | null;
  unused: (() => void) | null;
}

/**
 * The space that serves, and beside it, during a change of model, the one that is being filled.
 *
 * Whatever asks a space more than one thing takes a lease first: vectors of two spaces never meet in one answer, and a
 * space is closed only when nobody uses it any more.
 */
export class Spaces {
  readonly #gate = new Gate();
  readonly #given = new Set<Held>();
  #serving: Held;
  #filling: Space | null = null;
  #joins = false;
  #closed: Promise<void> | null = null;

  constructor(serving: Space) {
    this.#serving = hold(serving);
  }

  /** For a look at it now; what takes longer takes a lease. */
  get serving(): Space {
    return this.#serving.space;
  }

  /** Does not serve yet. Pictures that are removed leave it, too. */
  get filling(): Space | null {
    return this.#filling;
  }

  /** The space being filled once it has nearly all: from then on new pictures get their vector of it at once. */
  get joining(): Space | null {
    return this.#joins ? this.#filling : null;
  }

  /** The space that serves now. */
  lease(): SpaceLease {
    const held = this.#serving;
    held.leases++;
    let released = false;
    return {
      space: held.space,
      replaced: held.replaced.signal,
      release: () => {
        if (released) return;
        released = true;
        if (--held.leases === 0) held.unused?.();
      },
    };
  }

  /** Runs `task` with a lease of its own. */
  async use<Result>(task: (space: Space, lease: SpaceLease) => Promise<Result>): Promise<Result> {
    const lease = this.lease();
    try {
      return await task(lease.space, lease);
    } finally {
      lease.release();
    }
  }

  /** Runs a change of catalog and index, during which the serving space stays the one it is. Keep it short. */
  changing<Result>(task: () => Promise<Result>): Promise<Result> {
    return this.#gate.together(task);
  }

  /** Runs `task` while nothing else changes catalog and index. Keep it short: additions and removals wait for it. */
  exclusively<Result>(task: () => Promise<Result>): Promise<Result> {
    return this.#gate.alone(task);
  }

  /** @param joins whether new pictures get their vector of it at once */
  setFilling(space: Space | null, joins = false): void {
    this.#filling = space;
    this.#joins = joins;
  }

  /**
   * From now on `space` serves. The one before it is closed when its last lease has been returned.
   * To be called within `exclusively`.
   */
  replace(space: Space): void {
    const old = this.#serving;
    this.#serving = hold(space);
    if (this.#filling?.model.spaceId === space.model.spaceId) this.setFilling(null);
    old.closed = this.#retire(old);
    old.closed.catch(() => {}); // told by close()
    old.replaced.abort();
  }

  /** Whether a space was replaced and is still used by somebody. */
  isRetiring(spaceId: string): boolean {
    return [...this.#given].some(({ space }) => space.model.spaceId === spaceId);
  }

  /** Closes every space, also those that somebody still uses. */
  close(): Promise<void> {
    return (this.#closed ??= (async () => {
      const retiring = [...this.#given];
      for (const held of retiring) held.unused?.();
      const results = await Promise.allSettled([
        closeSpace(this.#serving.space),
        ...retiring.map(({ closed }) => closed),
      ]);
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    })());
  }

  async #retire(held: Held): Promise<void> {
    this.#given.add(held);
    try {
      if (held.leases > 0) await new Promise<void>((resolve) => (held.unused = resolve));
      await closeSpace(held.space);
    } finally {
      this.#given.delete(held);
    }
  }
}

const hold = (space: Space): Held => ({
  space,
  replaced: new AbortController(),
  leases: 0,
  closed: null,
  unused: null,
});

/** Both parts, whatever becomes of the first. */
export async function closeSpace({ embedder, index }: Space): Promise<void> {
  const results = await Promise.allSettled([embedder.close(), index.close()]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
