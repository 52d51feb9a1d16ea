import { Gate } from '../../lib/gate.js';
import type { Embedder, ModelDescription } from '../embedding/types.js';
import type { VectorIndex } from '../vector-index/vector-index.js';

/** What a vector says of a picture: what is on it, its colours, its textures, which words fit. */
export type Feature = 'semantic' | 'color' | 'texture' | 'words';

/** The feature that every gallery has, and that a search goes by unless it says otherwise. */
const PRIMARY: Feature = 'semantic';

/** A model at work and the index of the vectors that it made; only together do they answer anything. */
export interface Space {
  readonly feature: Feature;
  readonly model: ModelDescription;
  readonly embedder: Embedder;
  readonly index: VectorIndex;
}

/** One space for each feature. */
export interface ServingSpaces {
  readonly primary: Space;
  /** All of them, the primary one first. */
  readonly spaces: readonly [Space, ...Space[]];
}

/** The right to use spaces until `release()`, even when others have begun to serve meanwhile. */
export interface SpaceLease extends ServingSpaces {
  /** Aborted when another space serves in the place of one of these: what was begun may be pointless now. */
  readonly replaced: AbortSignal;
  /** Safe to call more than once. */
  release(): void;
}

interface Held {
  readonly space: Space;
  leases: number;
  /** Resolves when it was given up and is closed. */
  closed: Promise<void> | null;
  unused: (() => void) | null;
}

/** What serves from one replacement to the next. */
interface Generation extends ServingSpaces {
  readonly held: readonly Held[];
  readonly replaced: AbortController;
}

/**
 * The spaces that serve, one for each feature, and beside them, during a change of model, the one that is being filled.
 *
 * Whatever asks spaces more than one thing takes a lease first: vectors of two spaces never meet in one answer, and a
 * space is closed only when nobody uses it any more.
 */
export class Spaces {
  readonly #gate = new Gate();
  readonly #given = new Set<Held>();
  #generation: Generation;
  #filling: Space | null = null;
  #joins = false;
  #closed: Promise<void> | null = null;

  /** @param serving one for each feature, the primary one among them */
  constructor(serving: readonly Space[]) {
    this.#generation = generationOf(serving.map(hold));
  }

  /** For a look at them now; what takes longer takes a lease. */
  get serving(): ServingSpaces {
    return this.#generation;
  }

  /** Does not serve yet. Pictures that are removed leave it, too. */
  get filling(): Space | null {
    return this.#filling;
  }

  /** The space being filled once it has nearly all: from then on new pictures get their vector of it at once. */
  get joining(): Space | null {
    return this.#joins ? this.#filling : null;
  }

  /** The spaces that serve now. */
  lease(): SpaceLease {
    const { primary, spaces, held, replaced } = this.#generation;
    for (const one of held) one.leases++;
    let released = false;
    return {
      primary,
      spaces,
      replaced: replaced.signal,
      release: () => {
        if (released) return;
        released = true;
        for (const one of held) if (--one.leases === 0) one.unused?.();
      },
    };
  }

  /** Runs `task` with a lease of its own. */
  async use<Result>(task: (lease: SpaceLease) => Promise<Result>): Promise<Result> {
    const lease = this.lease();
    try {
      return await task(lease);
    } finally {
      lease.release();
    }
  }

  /** Runs a change of catalog and index, during which the serving spaces stay those they are. Keep it short. */
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
   * From now on `space` serves its feature. The one before it is closed when its last lease has been returned.
   * To be called within `exclusively`.
   */
  replace(space: Space): void {
    const { held, replaced } = this.#generation;
    const stays = held.filter((one) => one.space.feature !== space.feature);
    this.#generation = generationOf([...stays, hold(space)]);
    if (this.#filling?.model.spaceId === space.model.spaceId) this.setFilling(null);
    for (const old of held) {
      if (stays.includes(old)) continue;
      old.closed = this.#retire(old);
      old.closed.catch(() => {}); // told by close()
    }
    replaced.abort();
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
        ...this.#generation.spaces.map(closeSpace),
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

const hold = (space: Space): Held => ({ space, leases: 0, closed: null, unused: null });

function generationOf(held: readonly Held[]): Generation {
  const [first, ...others] = [...held].sort((a, b) => rank(a) - rank(b));
  if (first?.space.feature !== PRIMARY) throw new Error(`No space serves the feature ${PRIMARY}.`);
  return {
    primary: first.space,
    spaces: [first.space, ...others.map(({ space }) => space)],
    held,
    replaced: new AbortController(),
  };
}

const rank = ({ space }: Held): number => (space.feature === PRIMARY ? 0 : 1);

/** Both parts, whatever becomes of the first. */
export async function closeSpace({ embedder, index }: Space): Promise<void> {
  const results = await Promise.allSettled([embedder.close(), index.close()]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
