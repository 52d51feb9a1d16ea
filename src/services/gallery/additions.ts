import { Groups } from '../../lib/groups.js';
import type { Catalog, CreatedImage, NewImage } from '../catalog/types.js';
import type { MediaStore, StagedFile } from '../media/types.js';
import type { SpaceVector } from '../spaces/embed-in.js';
import type { SpaceLease, Spaces } from '../spaces/spaces.js';

/** The longest that a picture waits for others, with which it shares a transaction and its waits for the disk. */
const LINGER_MS = 100;
/** Their transaction holds the serving thread. */
const MOST_TOGETHER = 32;

export interface Addition {
  readonly bytes: Uint8Array;
  readonly image: NewImage;
  /** Of the spaces that the vectors are of. */
  readonly lease: SpaceLease;
  readonly vectors: readonly SpaceVector[];
  /** Told of the file as soon as it is durable, whatever comes of the rest. */
  readonly onStaged: (file: StagedFile) => void;
}

export interface AdditionsOptions {
  readonly catalog: Catalog;
  readonly media: MediaStore;
  readonly spaces: Spaces;
}

/**
 * The last steps of an addition, file durable, row and vectors committed, searchable, in this order, for several pictures
 * together. Each is told on its own what became of it, and one that fails does not keep the others out.
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

  /** Runs an addition; others wait for it a little, to be completed together. */
  expecting<Result>(task: () => Promise<Result>): Promise<Result> {
    return this.#groups.expecting(task);
  }

  /**
   * To be called within `expecting`.
   * @returns null when another space serves since than the addition has vectors of: then it has no row
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
    if (image.stored === false) return; // it stays where it is
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
