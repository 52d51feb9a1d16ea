import { createHash } from 'node:crypto';
import { check } from '../lib/check.js';
import { assertText, cleanLine, cleanName, cutText, foldText } from '../lib/text.js';
import { AppError } from '../errors.js';
import type { Topic } from '../lib/topic.js';
import type { Catalog, ImageRow } from './catalog/types.js';
import type { MediaStore } from './media/types.js';
import type { Space, Spaces } from './spaces.js';

export const MAX_TITLE_LENGTH = 200;
export const MAX_TAG_LENGTH = 64;
export const MAX_TAGS = 50;
export const MAX_IDS = 1000;

export interface GalleryChangeEvent {
  readonly kind: 'ADDED' | 'REMOVED' | 'UPDATED';
  readonly ids: readonly number[];
  /** The rows as they are now; empty for REMOVED. */
  readonly images: readonly ImageRow[];
}

export interface AddImage {
  readonly bytes: Uint8Array;
  readonly title?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly signal?: AbortSignal;
}

export interface IngestOptions {
  readonly catalog: Catalog;
  readonly media: MediaStore;
  readonly spaces: Spaces;
  readonly changes: Topic<GalleryChangeEvent>;
  readonly maxBytes: number;
}

/**
 * Everything that changes the gallery. The order of an addition is the promise: file durable, then row and vector
 * in one transaction, then searchable, then acknowledged. What a crash leaves in between is a file without a row,
 * which `reconcile` removes at the next start.
 */
export class Ingest {
  readonly #parts: IngestOptions;
  /** Changes under way by content hash: the same bytes are added once, and never while they are being removed. */
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(options: IngestOptions) {
    this.#parts = options;
  }

  /**
   * Adds a picture; the same bytes a second time give the first image and `created: false`.
   * @throws AppError BAD_USER_INPUT, IMAGE_TOO_LARGE, and what `Embedder.embed` throws
   */
  async add({ bytes, title, tags, signal }: AddImage): Promise<{ image: ImageRow; created: boolean }> {
    assertByteSize(bytes.byteLength, this.#parts.maxBytes);
    const cleanTitle = normalizeTitle(title ?? '');
    const cleanTags = normalizeTags(tags ?? [], 'tags');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return this.#exclusively(sha256, async () => {
      const { catalog, media, spaces, changes } = this.#parts;
      const known = await catalog.imageByHash(sha256);
      if (known !== null) return { image: known, created: false };
      for (;;) {
        const added = await spaces.use(async (space) => {
          const embedding = await space.embedder.embed(bytes, signal === undefined ? {} : { signal });
          await media.put(bytes, sha256, embedding.format);
          const { width, height, format, vector } = embedding;
          const row = {
            sha256,
            title: cleanTitle,
            width,
            height,
            format,
            bytes: bytes.byteLength,
            tags: cleanTags,
          };
          return spaces.changing(async () => {
            if (spaces.serving !== space) return null;
            const created = await catalog.createImage(row, space.model.spaceId, vector);
            await space.index.add([{ label: created.image.id, vector }]);
            return created;
          });
        });
        if (added === null) continue; // another space serves since: once more, so that it has its vector there
        if (spaces.joining !== null) await this.#addTo(spaces.joining, added.image, bytes);
        if (added.created) changes.publish({ kind: 'ADDED', ids: [added.image.id], images: [added.image] });
        return added;
      }
    });
  }

  /** The space that is about to serve: what fails here is tried again by those who fill it. */
  async #addTo({ embedder, index, model }: Space, { id }: ImageRow, bytes: Uint8Array): Promise<void> {
    const { catalog, spaces } = this.#parts;
    try {
      const { vector } = await embedder.embed(bytes);
      await spaces.changing(async () => {
        await catalog.putVectors(model.spaceId, [{ id, vector }]);
        await index.add([{ label: id, vector }]);
      });
    } catch {
      // Without a vector it is still wanted there.
    }
  }

  /** @throws AppError IMAGE_NOT_FOUND when one of the ids is unknown; then nothing is changed */
  async tag(ids: readonly number[], add: readonly string[], remove: readonly string[]): Promise<ImageRow[]> {
    assertIds(ids);
    const images = await this.#parts.catalog.tagImages(
      ids,
      normalizeTags(add, 'add'),
      normalizeTags(remove, 'remove'),
    );
    this.#parts.changes.publish({ kind: 'UPDATED', ids: images.map((image) => image.id), images });
    return images;
  }

  /**
   * Removes images that are there: first from the catalog (the truth), then from the index, then their files.
   * Returns the ids that were there; unknown ones are ignored, so that a repeated removal is no error.
   */
  async remove(ids: readonly number[]): Promise<number[]> {
    assertIds(ids);
    const { catalog, media, spaces, changes } = this.#parts;
    const rows = await catalog.imagesByIds([...new Set(ids)]);
    const removed: number[] = [];
    for (const row of rows) {
      await this.#exclusively(row.sha256, async () => {
        const gone = await spaces.changing(async () => {
          const [image] = await catalog.removeImages([row.id]);
          if (image !== undefined) await this.#removeFromIndexes(image.id);
          return image;
        });
        if (gone === undefined) return;
        await media.remove(gone.sha256, gone.format);
        removed.push(gone.id);
      });
    }
    if (removed.length > 0) changes.publish({ kind: 'REMOVED', ids: removed, images: [] });
    return removed;
  }

  async #removeFromIndexes(id: number): Promise<void> {
    const { serving, filling } = this.#parts.spaces;
    await serving.index.remove([id]);
    await filling?.index.remove([id]);
  }

  /** Runs `task` when no other change of the same content is under way. */
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

function normalizeTitle(title: string): string {
  assertText(title, 'title');
  const clean = cleanName(title);
  check(clean.length <= MAX_TITLE_LENGTH, 'title', `at most ${MAX_TITLE_LENGTH} characters`);
  return clean;
}

/** The title of a picture that came as a file and with no other one: nobody can be asked for a shorter name. */
export function titleOfFile(name: string): string {
  return cutText(cleanName(name), MAX_TITLE_LENGTH).trim();
}

/** Tags as they are shown: one line, NFC, lower case, sorted; of those that are the same (`foldText`) the first. */
export function normalizeTags(tags: readonly string[], path: string): string[] {
  check(tags.length <= MAX_TAGS, path, `at most ${MAX_TAGS} tags`);
  const shown = new Map<string, string>();
  tags.forEach((tag, i) => {
    const place = `${path}[${i}]`;
    assertText(tag, place);
    // The dot of a Turkish capital I stays behind when it becomes small.
    const clean = cleanLine(tag).toLowerCase().replaceAll('i\u0307', 'i');
    check(
      clean !== '' && clean.length <= MAX_TAG_LENGTH,
      place,
      `1 to ${MAX_TAG_LENGTH} characters, of which one can be seen`,
    );
    check(!/\p{Cc}/u.test(clean), place, 'no control characters');
    const key = foldText(clean);
    if (!shown.has(key)) shown.set(key, clean);
  });
  return [...shown.values()].sort();
}

function assertIds(ids: readonly number[]): void {
  check(ids.length >= 1 && ids.length <= MAX_IDS, 'ids', `1 to ${MAX_IDS} ids`);
}
