import { Gate } from '../../lib/gate.js';
import type { Embedder, ModelDescription } from '../embedding/types.js';
import type { VectorIndex } from '../vector-index/vector-index.js';

/** What a vector describes: the content of a picture, its colours, its textures, matching words. */
export type Feature = 'semantic' | 'color' | 'texture' | 'words';

/** The feature that every gallery has, and the default of searches. */
const PRIMARY: Feature = 'semantic';

/** A running model and the index of its vectors, which are only useful together. */
export interface Space {
  readonly feature: Feature;
  readonly model: ModelDescription;
  readonly embedder: Embedder;
  readonly index: VectorIndex;
}

/** One space per feature. */
export interface ServingSpaces {
  readonly primary: Space;
  /** All of them, the primary one first. */
  readonly spaces: readonly [Space, ...Space[]];
}

/** The right to use spaces until `release()`, even if others serve meanwhile. */
export interface SpaceLease extends ServingSpaces {
  /** Aborted when another space replaces one of these, so that work for it may be pointless. */
  readonly replaced: AbortSignal;
  /** Safe to call more than once. */
  release(): void;
}

interface Held {
  readonly space: Space;
  leases: number;
  /** Resolves when it has been replaced and closed. */
  closed: Promise<void> | null;
  unused: (() => void) | null;
}

/** The spaces that serve between two replacements. */
interface Generation extends ServingSpaces {
  readonly held: readonly Held[];
  readonly replaced: AbortController;
}

/**
 * The serving spaces, one per feature, and during a change of model the space that is being filled.
 *
 * Code that makes more than one call to spaces takes a lease first, so that an answer never mixes vectors of two spaces,
 * and a space is closed only when nobody uses it any more.
 */
export class Spaces {
  readonly #gate = new Gate();
  readonly #given = new Set<Held>();
  #generation: Generation;
  #filling: Space | null = null;
  #joins = false;
  #closed: Promise<void> | null = null;

  /** @param serving one per feature, including the primary one */
  constructor(serving: readonly Space[]) {
    this.#generation = generationOf(serving.map(hold));
  }

  /** For a single call; longer work takes a lease. */
  get serving(): ServingSpaces {
    return this.#generation;
  }

  /** The space that does not serve yet. Removed pictures are removed from it too. */
  get filling(): Space | null {
    return this.#filling;
  }

  /** The space being filled, once it is nearly complete: from then on new pictures get their vector in it at once. */
  get joining(): Space | null {
    return this.#joins ? this.#filling : null;
  }

  /** A lease on the spaces that serve now. */
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

  /** Runs `task` with its own lease. */
  async use<Result>(task: (lease: SpaceLease) => Promise<Result>): Promise<Result> {
    const lease = this.lease();
    try {
      return await task(lease);
    } finally {
      lease.release();
    }
  }

  /** Runs a change of catalog and index while the serving spaces cannot be replaced. Keep it short. */
  changing<Result>(task: () => Promise<Result>): Promise<Result> {
    return this.#gate.together(task);
  }

  /** Runs `task` while nothing else changes catalog and index. Keep it short: additions and removals wait for it. */
  exclusively<Result>(task: () => Promise<Result>): Promise<Result> {
    return this.#gate.alone(task);
  }

  /** @param joins whether new pictures get their vector in it at once */
  setFilling(space: Space | null, joins = false): void {
    this.#filling = space;
    this.#joins = joins;
  }

  /**
   * Makes `space` serve its feature. The previous space is closed when its last lease is released.
   * Call this only within `exclusively`.
   */
  replace(space: Space): void {
    const { held, replaced } = this.#generation;
    const stays = held.filter((one) => one.space.feature !== space.feature);
    this.#generation = generationOf([...stays, hold(space)]);
    if (this.#filling?.model.spaceId === space.model.spaceId) this.setFilling(null);
    for (const old of held) {
      if (stays.includes(old)) continue;
      old.closed = this.#retire(old);
      old.closed.catch(() => {}); // reported by close()
    }
    replaced.abort();
  }

  /** Whether a space was replaced but is still in use. */
  isRetiring(spaceId: string): boolean {
    return [...this.#given].some(({ space }) => space.model.spaceId === spaceId);
  }

  /** Closes every space, including those still in use. */
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

/** Closes both parts, even if the first fails. */
export async function closeSpace({ embedder, index }: Space): Promise<void> {
  const results = await Promise.allSettled([embedder.close(), index.close()]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
