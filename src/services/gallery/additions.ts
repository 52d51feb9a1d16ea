import { Groups } from '../../lib/groups.js';
import type { Catalog, CreatedImage, NewImage } from '../catalog/types.js';
import type { MediaStore, StagedFile } from '../media/types.js';
import type { SpaceVector } from '../spaces/embed-in.js';
import type { SpaceLease, Spaces } from '../spaces/spaces.js';

/** Longest time that a picture waits for others, to share a transaction and disk syncs with them. */
const LINGER_MS = 100;
/** Limited, because their transaction blocks the serving thread. */
const MOST_TOGETHER = 32;

export interface Addition {
  readonly bytes: Uint8Array;
  readonly image: NewImage;
  /** Lease on the spaces of the vectors. */
  readonly lease: SpaceLease;
  readonly vectors: readonly SpaceVector[];
  /** Called as soon as the file is durable, even if a later step fails. */
  readonly onStaged: (file: StagedFile) => void;
}

export interface AdditionsOptions {
  readonly catalog: Catalog;
  readonly media: MediaStore;
  readonly spaces: Spaces;
}

/**
 * The last steps of an addition, for several pictures together: file durable, row and vectors committed, searchable, in
 * this order. Each gets its own result, and one that fails does not affect the others.
 */
export class Additions {
  readonly #parts: AdditionsOptions;
  readonly #groups = new Groups<Addition, CreatedImage | null>({
    work: (additions) => this.#complete(additions),
    lingerMs: LINGER_MS,
    most: MOST_TOGETHER,
  });

  constructor(parts: AdditionsOptions) {
    this.#parts = parts;
  }

  /** Runs an addition; others wait a little for it, so that they are completed together. */
  expecting<Result>(task: () => Promise<Result>): Promise<Result> {
    return this.#groups.expecting(task);
  }

  /**
   * Call this only within `expecting`.
   * @returns null, without a row, if the vectors are of a space that no longer serves
   */
  complete(addition: Addition): Promise<CreatedImage | null> {
    return this.#groups.add(addition);
  }

  async #complete(
    additions: readonly Addition[],
  ): Promise<readonly PromiseSettledResult<CreatedImage | null>[]> {
    const staged = await Promise.allSettled(additions.map((addition) => this.#stage(addition)));
    return this.#parts.spaces.changing(async () => {
      const ready = additions.filter(
        ({ lease }, i) => staged[i]!.status === 'fulfilled' && !lease.replaced.aborted,
      );
      const searchable = await this.#commit(ready);
      return additions.map((addition, i) => {
        const file = staged[i]!;
        if (file.status === 'rejected') return file;
        return searchable.get(addition) ?? { status: 'fulfilled', value: null };
      });
    });
  }

  async #stage({ bytes, image, onStaged }: Addition): Promise<void> {
    if (image.stored === false) return; // it stays in its library
    onStaged(await this.#parts.media.stage(bytes, image.sha256, image.format));
  }

  async #commit(
    additions: readonly Addition[],
  ): Promise<ReadonlyMap<Addition, PromiseSettledResult<CreatedImage>>> {
    const pictures = additions.map(({ image, vectors }) => ({
      image,
      vectors: vectors.map(({ space, vector }) => ({ spaceId: space.model.spaceId, vector })),
    }));
    const committed = await this.#parts.catalog.images.createAll(pictures);
    const searchable = await Promise.allSettled(
      additions.map(async ({ vectors }, i) => {
        const result = committed[i]!;
        if (result.status === 'rejected') throw result.reason;
        for (const { space, vector } of vectors)
          await space.index.add([{ label: result.value.image.id, vector }]);
        return result.value;
      }),
    );
    return new Map(additions.map((addition, i) => [addition, searchable[i]!]));
  }
}
