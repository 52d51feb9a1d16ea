import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../errors.js';
import { writeFileAtomically } from '../../lib/atomic-file.js';
import { WorkerPool } from '../../lib/worker-pool/worker-pool.js';
import type { Logger } from '../../logger.js';
import type { Catalog } from '../catalog/types.js';
import type { Space } from '../spaces/spaces.js';
import type { Neighbour } from '../vector-index/vector-index.js';
import type { Layout, LayoutMethod } from './layout.js';
import type { AtlasInit, LayoutRequest } from './protocol.js';
import { weightedMean } from './weighted-mean.js';

export type AtlasState = 'COMPUTING' | 'READY' | 'REFRESHING' | 'EMPTY';

export interface AtlasView {
  readonly state: AtlasState;
  readonly spaceId: string;
  readonly method: LayoutMethod | null;
  readonly computedAt: Date | null;
  /** Ascending; pictures removed since are left out. */
  readonly ids: readonly number[];
  /** x and y of each, within -1..1. */
  readonly coordinates: readonly number[];
  /** Number of pictures that are not in the layout yet. */
  readonly missing: number;
}

/** A layout as it is stored. */
interface StoredLayout {
  readonly formatVersion: typeof FORMAT_VERSION;
  readonly spaceId: string;
  readonly method: LayoutMethod;
  readonly computedAt: string;
  readonly ids: readonly number[];
  readonly coordinates: readonly number[];
}

/** The atlas of one space. */
export interface SpaceAtlas {
  /** The current layout. If there is none, or it is too old, starts to compute one without waiting for it. */
  view(): Promise<AtlasView>;
  /**
   * Where a picture with this vector would be: among its nearest neighbours, closer to the more similar ones.
   * @returns x and y within -1..1; null while there is no layout
   */
  place(vector: Float32Array): Promise<readonly [x: number, y: number] | null>;
}

export interface AtlasOptions {
  readonly catalog: Catalog;
  /** Folder of the layouts, one file per space; they are derived and may be deleted. */
  readonly dir: string;
  readonly logger: Logger;
  /** Whether the computation gives priority to searches and all other programs. */
  readonly lowPriority: boolean;
  readonly workerUrl?: URL;
}

const FORMAT_VERSION = 1;
/** Smaller galleries get no layout. */
const LEAST = 3;
/** A layout that lacks a larger share is recomputed at once; one that lacks less, when it has become old. */
const MISSING_SHARE = 0.05;
const OLD_MS = 10 * 60_000;
/** Pause after a failure. */
const RETRY_MS = 60_000;
/** Maximum number of neighbours that determine a picture's place. */
const PLACED_BY = 5;
/** A hundred thousand pictures take about five minutes. */
const TIMEOUT_MS = 3_600_000;

/**
 * The gallery in two dimensions. Computed on request in a separate process if there is no layout or it is too old; stored
 * on disk per space.
 */
export class Atlas {
  readonly #options: AtlasOptions;
  readonly #pool: WorkerPool<LayoutRequest, Layout>;
  readonly #stored = new Map<string, Promise<StoredLayout | null>>();
  /** Index of a picture in a layout, by its id. */
  readonly #places = new WeakMap<StoredLayout, ReadonlyMap<number, number>>();
  readonly #computing = new Map<string, Promise<void>>();
  readonly #failedAt = new Map<string, number>();
  readonly #closing = new AbortController();

  constructor(options: AtlasOptions) {
    this.#options = options;
    this.#pool = new WorkerPool({
      entry: options.workerUrl ?? new URL('../../workers/atlas-worker.js', import.meta.url),
      size: 1,
      maxQueue: 2,
      timeoutMs: TIMEOUT_MS,
      idleMs: 1,
      drainMs: 0,
      failureCode: 'ATLAS_FAILED',
      init: () => ({ lowPriority: options.lowPriority }) satisfies AtlasInit,
    });
  }

  /** @param space leased by the caller for as long as the answer is used */
  within(space: Space): SpaceAtlas {
    return { view: () => this.#view(space), place: (vector) => this.#place(space, vector) };
  }

  async #view({ model, index }: Space): Promise<AtlasView> {
    const { spaceId, dimension } = model;
    const stored = await this.#load(spaceId);
    const labels = new Set(await index.labels());
    const ids: number[] = [];
    const coordinates: number[] = [];
    stored?.ids.forEach((id, i) => {
      if (!labels.has(id)) return;
      ids.push(id);
      coordinates.push(stored.coordinates[2 * i]!, stored.coordinates[2 * i + 1]!);
    });
    const missing = labels.size - ids.length;
    if (labels.size >= LEAST && this.#isDue(stored, spaceId, missing, labels.size))
      this.#begin(spaceId, dimension);
    const busy = this.#computing.has(spaceId);
    return {
      state: stored !== null ? (busy ? 'REFRESHING' : 'READY') : labels.size < LEAST ? 'EMPTY' : 'COMPUTING',
      spaceId,
      method: stored?.method ?? null,
      computedAt: stored === null ? null : new Date(stored.computedAt),
      ids,
      coordinates,
      missing,
    };
  }

  async #place(
    { model, index }: Space,
    vector: Float32Array,
  ): Promise<readonly [x: number, y: number] | null> {
    const stored = await this.#load(model.spaceId);
    if (stored === null) return null;
    const places = this.#placesOf(stored);
    const neighbours: readonly Neighbour[] = await index.search(vector, 4 * PLACED_BY);
    const known = neighbours.flatMap(({ label, cosine }) => {
      const at = places.get(label);
      if (at === undefined) return [];
      const [x, y] = [stored.coordinates[2 * at]!, stored.coordinates[2 * at + 1]!];
      // By the distance 2 - 2 cos, so that a copy of a picture is placed on it.
      return [{ x, y, weight: 1 / (1e-4 + Math.max(0, 2 - 2 * cosine)) }];
    });
    return known.length === 0 ? null : weightedMean(known.slice(0, PLACED_BY));
  }

  /** Computed once per layout, since the table of a large gallery is large. */
  #placesOf(layout: StoredLayout): ReadonlyMap<number, number> {
    const known = this.#places.get(layout);
    if (known !== undefined) return known;
    const places = new Map(layout.ids.map((id, i) => [id, i]));
    this.#places.set(layout, places);
    return places;
  }

  /** Removes the layout of an unused space. */
  async forget(spaceId: string): Promise<void> {
    this.#stored.delete(spaceId);
    await rm(this.#path(spaceId), { force: true });
  }

  /** Aborts a running computation. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#pool.close();
    await Promise.all(this.#computing.values());
  }

  #isDue(stored: StoredLayout | null, spaceId: string, missing: number, size: number): boolean {
    if (this.#computing.has(spaceId) || this.#closing.signal.aborted) return false;
    if (Date.now() - (this.#failedAt.get(spaceId) ?? 0) < RETRY_MS) return false;
    if (stored === null) return true;
    const changed = missing + Math.max(0, stored.ids.length - (size - missing));
    return (
      changed > MISSING_SHARE * size || (changed > 0 && Date.now() - Date.parse(stored.computedAt) > OLD_MS)
    );
  }

  #begin(spaceId: string, dimension: number): void {
    const work = this.#compute(spaceId, dimension)
      .catch((error: unknown) => {
        if (this.#closing.signal.aborted) return;
        this.#failedAt.set(spaceId, Date.now());
        this.#options.logger.error({ spaceId, error: messageOf(error) }, 'the atlas could not be computed');
      })
      .finally(() => this.#computing.delete(spaceId));
    this.#computing.set(spaceId, work);
  }

  async #compute(spaceId: string, dimension: number): Promise<void> {
    const { catalog, logger } = this.#options;
    const { signal } = this.#closing;
    const start = performance.now();
    const ids: number[] = [];
    let vectors = new Float32Array((await catalog.vectors.count(spaceId)) * dimension);
    for await (const page of catalog.vectors.pages(spaceId)) {
      if (signal.aborted) return;
      for (const { id, vector } of page) {
        if ((ids.length + 1) * dimension > vectors.length) {
          const larger = new Float32Array(Math.max(dimension, 2 * vectors.length)); // pictures were added meanwhile
          larger.set(vectors);
          vectors = larger;
        }
        vectors.set(vector, ids.length * dimension);
        ids.push(id);
      }
    }
    const used = vectors.subarray(0, ids.length * dimension);
    const body = new Uint8Array(used.buffer, used.byteOffset, used.byteLength);
    const { value } = await this.#pool.run({ dimension }, { body, signal });
    const layout: StoredLayout = {
      formatVersion: FORMAT_VERSION,
      spaceId,
      method: value.method,
      computedAt: new Date().toISOString(),
      ids,
      // Four digits are finer than a pixel of any screen.
      coordinates: Array.from(value.coordinates, (coordinate) => Math.round(coordinate * 1e4) / 1e4),
    };
    await writeFileAtomically(this.#path(spaceId), JSON.stringify(layout));
    this.#stored.set(spaceId, Promise.resolve(layout));
    logger.debug(
      { spaceId, pictures: ids.length, ms: Math.round(performance.now() - start) },
      'atlas computed',
    );
  }

  #load(spaceId: string): Promise<StoredLayout | null> {
    let loading = this.#stored.get(spaceId);
    if (loading === undefined) {
      loading = this.#read(spaceId);
      this.#stored.set(spaceId, loading);
    }
    return loading;
  }

  /** A layout that is unreadable or incomplete is ignored, since it is derived. */
  async #read(spaceId: string): Promise<StoredLayout | null> {
    try {
      const layout = JSON.parse(await readFile(this.#path(spaceId), 'utf8')) as StoredLayout;
      const whole =
        layout.formatVersion === FORMAT_VERSION &&
        layout.spaceId === spaceId &&
        layout.coordinates.length === 2 * layout.ids.length &&
        layout.coordinates.every((value) => Number.isFinite(value));
      return whole ? layout : null;
    } catch {
      return null;
    }
  }

  #path(spaceId: string): string {
    return join(this.#options.dir, `atlas-${spaceId}.json`);
  }
}
