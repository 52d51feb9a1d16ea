import { albumNotFound } from '../../errors.js';
import { check } from '../../lib/check.js';
import { assertText, cleanName } from '../../lib/text.js';
import type { AlbumRow, SmartQuery } from '../catalog/album-types.js';
import type { Catalog } from '../catalog/types.js';
import { MAX_IDS } from '../gallery/ingest.js';
import { AlbumChanges } from './album-changes.js';

const MAX_NAME_LENGTH = 100;
const MAX_ALBUMS = 10_000;

export interface AlbumChoice {
  readonly name?: string | undefined;
  readonly coverId?: number | undefined;
}

/** Named, ordered lists of pictures, and saved searches. Pictures themselves are never changed. */
export class Albums {
  readonly #catalog: Pick<Catalog, 'albums'>;
  readonly changes = new AlbumChanges();

  constructor(catalog: Pick<Catalog, 'albums'>) {
    this.#catalog = catalog;
  }

  /** @throws AppError ALBUM_NOT_FOUND */
  async byId(id: number): Promise<AlbumRow> {
    const [album] = await this.#catalog.albums.byIds([id]);
    if (album === undefined) throw albumNotFound();
    return album;
  }

  /**
   * Creates a list of these pictures in this order, or a saved search.
   * @throws AppError BAD_USER_INPUT, IMAGE_NOT_FOUND (nothing is created)
   */
  async create(
    name: string,
    imageIds: readonly number[],
    smart: SmartQuery | null = null,
  ): Promise<AlbumRow> {
    const clean = normalizeName(name);
    check(imageIds.length <= MAX_IDS, 'ids', `at most ${MAX_IDS} ids`);
    check(smart === null || imageIds.length === 0, 'ids', 'no ids beside a saved search');
    // Concurrent calls may exceed the limit by one each.
    const count = await this.#catalog.albums.count();
    check(count < MAX_ALBUMS, 'name', `a name for one of at most ${MAX_ALBUMS} albums`);
    const album = await this.#catalog.albums.create({ name: clean, smart }, [...new Set(imageIds)]);
    this.changes.publish({ kind: 'CREATED', id: album.id, album });
    return album;
  }

  /** What is left out stays. @throws AppError BAD_USER_INPUT, ALBUM_NOT_FOUND, IMAGE_NOT_FOUND */
  async update(id: number, { name, coverId }: AlbumChoice): Promise<AlbumRow> {
    return this.#published(
      await this.#catalog.albums.update(id, {
        ...(name !== undefined && { name: normalizeName(name) }),
        ...(coverId !== undefined && { coverId }),
      }),
    );
  }

  /** Its pictures stay in the gallery. @returns whether it existed */
  async delete(id: number): Promise<boolean> {
    const deleted = await this.#catalog.albums.remove(id);
    if (deleted) this.changes.publish({ kind: 'DELETED', id, album: null });
    return deleted;
  }

  /**
   * Inserts pictures before another one of the list, or at its end. Those already in it keep their place.
   * @throws AppError BAD_USER_INPUT, ALBUM_NOT_FOUND, IMAGE_NOT_FOUND (nothing is changed)
   */
  async add(
    id: number,
    imageIds: readonly number[],
    before: number | null,
  ): Promise<{ album: AlbumRow; added: number }> {
    await this.#assertChangeable(id, imageIds);
    const { album, count } = await this.#catalog.albums.add(id, { imageIds, before });
    return { album: this.#published(album), added: count };
  }

  /** Moves pictures of the list likewise. @throws AppError as `add` */
  async move(id: number, imageIds: readonly number[], before: number | null): Promise<AlbumRow> {
    await this.#assertChangeable(id, imageIds);
    check(before === null || !imageIds.includes(before), 'before', 'a picture that is not moved itself');
    return this.#published(await this.#catalog.albums.move(id, { imageIds, before }));
  }

  /** Removes pictures from the list; ids that are not in it are ignored. @throws AppError BAD_USER_INPUT, ALBUM_NOT_FOUND */
  async take(id: number, imageIds: readonly number[]): Promise<{ album: AlbumRow; removed: number }> {
    await this.#assertChangeable(id, imageIds);
    const { album, count } = await this.#catalog.albums.take(id, imageIds);
    return { album: this.#published(album), removed: count };
  }

  async close(): Promise<void> {
    this.changes.close();
  }

  #published(album: AlbumRow): AlbumRow {
    this.changes.publish({ kind: 'UPDATED', id: album.id, album });
    return album;
  }

  async #assertChangeable(id: number, imageIds: readonly number[]): Promise<void> {
    check(imageIds.length >= 1 && imageIds.length <= MAX_IDS, 'images', `1 to ${MAX_IDS} ids`);
    check((await this.byId(id)).smart === null, 'id', 'an album that is a list, not a saved search');
  }
}

/** @throws AppError BAD_USER_INPUT */
function normalizeName(name: string): string {
  assertText(name, 'name');
  const clean = cleanName(name);
  const rule = `1 to ${MAX_NAME_LENGTH} characters, of which one can be seen`;
  check(clean !== '' && clean.length <= MAX_NAME_LENGTH, 'name', rule);
  return clean;
}
