import { check } from '../../lib/check.js';
import { sha256Of } from '../../lib/sha256.js';
import { AppError, imageNotFound } from '../../errors.js';
import type { Catalog, CreatedImage, ImageRow, ImageWords } from '../catalog/types.js';
import type { AddedFields, Added, AddImage } from './addition-types.js';
import { Additions } from './additions.js';
import type { GalleryChanges } from './gallery-changes.js';
import type { MediaStore, StagedFile } from '../media/types.js';
import { embedIn } from '../spaces/embed-in.js';
import type { Space, Spaces } from '../spaces/spaces.js';
import { assertRating, normalizeTags, normalizeTitle, withKeywords, withTags } from './titles-and-tags.js';
import { factsOf, factsWanted, writtenOf, type FileFacts } from './written.js';

export const MAX_IDS = 1000;

export interface IngestOptions {
  readonly catalog: Catalog;
  readonly media: MediaStore;
  readonly spaces: Spaces;
  readonly changes: GalleryChanges;
  readonly maxBytes: number;
  /** Whether places are stored. */
  readonly keepLocation?: boolean;
  /** Called when a file was restored. */
  readonly onRepaired?: () => void;
}

/**
 * Makes all changes of the gallery. An addition follows a guaranteed order: file durable, then row and vector in one
 * transaction, then searchable, then acknowledged; a removal reverses it. After a crash in between, the media folder
 * knows the file as unfinished, and the next start decides by the row.
 */
export class Ingest {
  readonly #parts: IngestOptions;
  readonly #additions: Additions;
  /** Changes in progress by content hash: the same bytes are added once, and never while they are being removed. */
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(options: IngestOptions) {
    this.#parts = options;
    this.#additions = new Additions(options);
  }

  /**
   * Adds a picture. The same bytes again return the first image with `created: false`, and restore its file if that is
   * missing or damaged.
   * @throws AppError BAD_USER_INPUT, IMAGE_TOO_LARGE, MEDIA_UNAVAILABLE, and what `Embedder.embed` throws
   */
  async add({ bytes, inPlace = false, signal, file, notes, ...words }: AddImage): Promise<Added> {
    assertByteSize(bytes.byteLength, this.#parts.maxBytes);
    const { title, fileTitle = '', tags } = words;
    const cleanTitle = title === undefined ? null : normalizeTitle(title);
    const cleanTags = withTags(normalizeTags(tags ?? [], 'tags'), notes?.tags ?? []);
    const sha256 = await sha256Of(bytes);
    return this.#exclusively(sha256, async () => {
      const { catalog, media, spaces, changes } = this.#parts;
      const known = await catalog.images.byHash(sha256);
      if (known !== null) {
        const again = inPlace
          ? { image: known, created: false, repaired: false }
          : await this.#addAgain(known, bytes);
        if (again !== null) return again;
      }
      if (!inPlace) await media.assertWritable(); // before running the model in vain
      const fields = {
        sha256,
        title: cleanTitle,
        fileTitle: normalizeTitle(fileTitle),
        tags: cleanTags,
        bytes: bytes.byteLength,
        stored: !inPlace,
        notes,
      };
      const added = await this.#addNew(bytes, fields, file, signal);
      if (spaces.joining !== null) await this.#addTo(spaces.joining, added.image, bytes);
      if (added.created) changes.publish({ kind: 'ADDED', ids: [added.image.id], images: [added.image] });
      return { ...added, repaired: false };
    });
  }

  #addNew(
    bytes: Uint8Array,
    { title, fileTitle, notes, ...fields }: AddedFields,
    file: FileFacts | undefined,
    signal: AbortSignal | undefined,
  ): Promise<CreatedImage> {
    return this.#additions.expecting(async () => {
      let staged: StagedFile | null = null;
      try {
        for (;;) {
          const added = await this.#parts.spaces.use(async (lease) => {
            const { picture, vectors } = await embedIn(lease, bytes, { ...factsWanted(file), signal });
            const { width, height, format } = picture;
            const facts = factsOf(picture);
            const image = {
              ...{ ...fields, width, height, format },
              title: title ?? notes?.title ?? facts.title ?? fileTitle,
              tags: notes === undefined ? withKeywords(fields.tags, facts.keywords) : fields.tags,
              before: notes?.before,
              written: writtenOf(facts, file, this.#parts.keepLocation),
            };
            const onStaged = (file: StagedFile): void => void (staged = file);
            return this.#additions.complete({ bytes, image, lease, vectors, onStaged });
          });
          if (added === null) continue; // another space serves now: add again, with a vector of that space
          await (staged as StagedFile | null)?.publish();
          return added;
        }
      } catch (error) {
        await this.#settle(staged, fields.sha256);
        throw error;
      }
    });
  }

  /** After a failure the row decides, as after a crash. If it cannot be read, the next start decides. */
  async #settle(staged: StagedFile | null, sha256: string): Promise<void> {
    if (staged === null) return;
    const row = await this.#parts.catalog.images.byHash(sha256).catch(() => undefined);
    if (row === null) await staged.discard();
    else if (row !== undefined) await staged.publish();
  }

  /** Null if the picture has other content now. */
  async #addAgain(image: ImageRow, bytes: Uint8Array): Promise<Added | null> {
    if (!image.stored) return this.#store(image, bytes);
    const repaired = await this.#parts.media.repair(bytes, image.sha256, image.format);
    if (repaired) {
      this.#parts.onRepaired?.();
      await this.#embedAgain(image, bytes);
    }
    return { image, created: false, repaired };
  }

  /** Stores the file of a picture that only a library had, now that it is uploaded. */
  async #store(image: ImageRow, bytes: Uint8Array): Promise<Added | null> {
    const { catalog, media, changes } = this.#parts;
    const staged = await media.stage(bytes, image.sha256, image.format);
    try {
      if (!(await catalog.images.setStored(image.id, image.sha256))) {
        await staged.discard();
        return null;
      }
    } catch (error) {
      const row = await catalog.images.byId(image.id).catch(() => undefined);
      if (row?.stored === true) await staged.publish();
      else if (row !== undefined) await staged.discard();
      throw error;
    }
    await staged.publish();
    const stored = { ...image, stored: true, missing: false };
    if (image.missing) changes.publish({ kind: 'UPDATED', ids: [image.id], images: [stored] });
    return { image: stored, created: false, repaired: image.missing };
  }

  /** A picture may lack its vector because its file was missing. */
  async #embedAgain({ id }: ImageRow, bytes: Uint8Array): Promise<void> {
    const { catalog, spaces } = this.#parts;
    await spaces.use(async (lease) => {
      for (const space of lease.spaces) {
        const [missing] = await catalog.vectors.idsWithout(space.model.spaceId, id - 1, 1);
        if (missing === id) await this.#addTo(space, { id }, bytes);
      }
    });
  }

  /** Adds a vector to another space; if it fails, the job that fills the space tries again. */
  async #addTo(
    { embedder, index, model }: Space,
    { id }: Pick<ImageRow, 'id'>,
    bytes: Uint8Array,
  ): Promise<void> {
    const { catalog, spaces } = this.#parts;
    try {
      const { vector } = await embedder.embed(bytes);
      await spaces.changing(async () => {
        await catalog.vectors.put(model.spaceId, [{ id, vector }]);
        await index.add([{ label: id, vector }]);
      });
    } catch {
      // Without a vector it is still wanted there.
    }
  }

  /** @throws AppError IMAGE_NOT_FOUND when one of the ids is unknown; then nothing is changed */
  async tag(ids: readonly number[], add: readonly string[], remove: readonly string[]): Promise<ImageRow[]> {
    assertIds(ids);
    const images = await this.#parts.catalog.images.tag(
      ids,
      normalizeTags(add, 'add'),
      normalizeTags(remove, 'remove'),
    );
    this.#parts.changes.publish({ kind: 'UPDATED', ids: images.map((image) => image.id), images });
    return images;
  }

  /** Changes title or tags; what is left out stays. @throws AppError BAD_USER_INPUT, IMAGE_NOT_FOUND */
  async update(id: number, { title, tags, rating, favorite }: ImageWords): Promise<ImageRow> {
    if (rating != null) assertRating(rating, 'rating');
    const image = await this.#parts.catalog.images.update(id, {
      title: title === undefined ? undefined : normalizeTitle(title),
      tags: tags === undefined ? undefined : normalizeTags(tags, 'tags'),
      rating,
      favorite,
    });
    if (image === null) throw imageNotFound(id);
    this.#parts.changes.publish({ kind: 'UPDATED', ids: [id], images: [image] });
    return image;
  }

  /**
   * Removes images: withdraws their files, deletes the rows (the catalog is the truth), then the vectors, then the
   * files. Returns the ids that existed; unknown ones are ignored, so a repeated removal is no error.
   * @throws AppError MEDIA_UNAVAILABLE and others; earlier removals are kept
   */
  async remove(ids: readonly number[]): Promise<number[]> {
    assertIds(ids);
    const rows = await this.#parts.catalog.images.byIds([...new Set(ids)]);
    const removed: number[] = [];
    try {
      for (const row of rows)
        if (await this.#exclusively(row.sha256, () => this.#removeOne(row))) removed.push(row.id);
    } finally {
      if (removed.length > 0) this.#parts.changes.publish({ kind: 'REMOVED', ids: removed, images: [] });
    }
    return removed;
  }

  /** @returns whether it still existed */
  async #removeOne({ id, sha256, format }: ImageRow): Promise<boolean> {
    const { catalog, media, spaces } = this.#parts;
    const file = await media.withdraw(sha256, format);
    let gone: boolean;
    try {
      gone = await spaces.changing(async () => {
        const [image] = await catalog.images.remove([id]);
        if (image !== undefined) await this.#removeFromIndexes(id);
        return image !== undefined;
      });
    } catch (error) {
      // The row decides. If it cannot be read, the next start decides.
      const row = await catalog.images.byHash(sha256).catch(() => undefined);
      if (row === null) await file.discard();
      else if (row !== undefined) await file.restore();
      throw error;
    }
    await (gone ? file.discard() : file.restore());
    return gone;
  }

  async #removeFromIndexes(id: number): Promise<void> {
    const { serving, filling } = this.#parts.spaces;
    for (const { index } of serving.spaces) await index.remove([id]);
    await filling?.index.remove([id]);
  }

  /** Runs `task` while no other change of the same content is in progress. */
  async #exclusively<Result>(sha256: string, task: () => Promise<Result>): Promise<Result> {
    for (let other; (other = this.#underWay.get(sha256)) !== undefined;) await other.catch(() => {});
    const running = task();
    this.#underWay.set(sha256, running);
    try {
      return await running;
    } finally {
      this.#underWay.delete(sha256);
    }
  }
}

/** @throws AppError IMAGE_TOO_LARGE, IMAGE_UNREADABLE for no bytes at all */
export function assertByteSize(bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) {
    throw new AppError('IMAGE_TOO_LARGE', `The file is larger than ${maxBytes} bytes.`, {
      details: { limit: maxBytes, actual: bytes, unit: 'bytes' },
    });
  }
  if (bytes === 0) throw new AppError('IMAGE_UNREADABLE', 'The file is empty.');
}

function assertIds(ids: readonly number[]): void {
  check(ids.length >= 1 && ids.length <= MAX_IDS, 'ids', `1 to ${MAX_IDS} ids`);
}
