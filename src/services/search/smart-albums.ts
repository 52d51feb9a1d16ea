import { AppError, imageNotFound } from '../../errors.js';
import { inMemory } from '../../lib/byte-budget.js';
import { check } from '../../lib/check.js';
import type { AlbumRow, SmartQuery } from '../catalog/album-types.js';
import type { Catalog, ImageFilter } from '../catalog/types.js';
import { percentileOf, similarityAt } from '../embedding/similarity-scale.js';
import type { SimilarityScales } from '../spaces/similarity-scales.js';
import type { Space } from '../spaces/spaces.js';
import { assertSearchArgs, isEmpty, normalizeFilter } from './arguments.js';
import type { SearchHistory } from './history.js';
import { nearest } from './nearest.js';
import { vectorIn } from './query.js';
import type { PictureSubject, Query, QuerySource, SearchArgs } from './types.js';
import type { UploadVectors } from './upload-vectors.js';

export interface SmartAlbumParts {
  readonly catalog: Catalog;
  readonly scales: SimilarityScales;
  readonly history: SearchHistory | null;
  readonly uploadVectors: UploadVectors;
}

/** A search to save: at most one picture, and conditions. */
export interface NewSmartQuery extends SearchArgs {
  readonly imageId?: number | undefined;
  /** The id of a search in the history, whose picture is used. */
  readonly searchId?: string | undefined;
}

/** What it needs of a `Search`. */
export interface InSearch {
  /** Runs a task in the space of the search. */
  readonly use: <Result>(task: (space: Space) => Promise<Result>) => Promise<Result>;
  /** A picture with its vector in a space, embedded if it has none there. */
  readonly query: (space: Space, source: QuerySource) => Promise<Query<PictureSubject>>;
}

/** Saved searches: how they are stored, and what they find. */
export class SmartAlbums {
  readonly #parts: SmartAlbumParts;
  readonly #search: InSearch;

  constructor(parts: SmartAlbumParts, search: InSearch) {
    this.#parts = parts;
    this.#search = search;
  }

  /** @throws AppError BAD_USER_INPUT, IMAGE_NOT_FOUND */
  async toSave({ imageId, searchId, filter, ...args }: NewSmartQuery): Promise<SmartQuery> {
    assertSearchArgs(args);
    check(
      imageId === undefined || searchId === undefined,
      'search.imageId',
      'at most one of imageId and searchId',
    );
    const conditions = filter === undefined || isEmpty(filter) ? undefined : normalizeFilter(filter);
    await this.#assertNotNested(conditions);
    const picture = await this.#pictureOf(imageId, searchId);
    check(
      picture.imageId !== null || picture.upload !== null || conditions !== undefined,
      'search',
      'a picture, a filter or both',
    );
    return this.#search.use(async (space) => {
      const scale = await this.#parts.scales.of(space);
      const percentile = scale && percentileOf(scale, args.minSimilarity);
      return { ...picture, ...args, spaceId: space.model.spaceId, percentile, filter: conditions };
    });
  }

  async #pictureOf(
    imageId: number | undefined,
    searchId: string | undefined,
  ): Promise<Pick<SmartQuery, 'imageId' | 'upload'>> {
    const { catalog, history } = this.#parts;
    if (imageId !== undefined) {
      if ((await catalog.images.byId(imageId)) !== null) return { imageId, upload: null };
      throw imageNotFound(imageId);
    }
    if (searchId === undefined) return { imageId: null, upload: null };
    await history?.flush();
    const record = await catalog.searches.byId(searchId);
    const rule = 'a search that is in the history';
    if (record?.queryImageId != null) return { imageId: record.queryImageId, upload: null };
    if (!record?.query || !record.thumbnail)
      throw new AppError('BAD_USER_INPUT', `Expected ${rule} for search.searchId`, {
        details: { path: 'search.searchId', rule },
      });
    const { query, thumbnail, spaceId } = record;
    const thumbnailType = record.thumbnailType ?? 'image/jpeg';
    return { imageId: null, upload: { spaceId, vector: query.vector, thumbnail, thumbnailType } };
  }

  /** A saved search may use a list, but not another saved search. */
  async #assertNotNested(filter: ImageFilter | undefined): Promise<void> {
    if (filter?.albumId === undefined) return;
    const [inner] = await this.#parts.catalog.albums.byIds([filter.albumId]);
    check(inner?.smart == null, 'search.filter.album', 'an album that is a list, not a saved search');
  }

  /** The filter with the id of a smart album replaced by its current pictures. @throws AppError as `idsOf` */
  async resolved(filter: ImageFilter | undefined): Promise<ImageFilter | undefined> {
    if (filter?.albumId === undefined) return filter;
    const [album] = await this.#parts.catalog.albums.byIds([filter.albumId]);
    if (album == null || album.smart === null) return filter;
    return { ...filter, albumId: undefined, among: await this.idsOf(album) };
  }

  /**
   * The current pictures of a smart album: the most similar first, or the newest if it has no query picture. Empty if its
   * picture was removed from the gallery.
   * @throws AppError as `Embedder.embed`
   */
  async idsOf({ id, smart }: AlbumRow): Promise<number[]> {
    if (smart === null) return [];
    const { topK, filter, minStrength } = smart;
    if (smart.imageId === null && smart.upload === null) {
      const { edges } = await this.#parts.catalog.images.list({ first: topK, orderBy: 'NEWEST', filter });
      return edges.map(({ node }) => node.id);
    }
    return this.#search.use(async (space) => {
      const vector = await this.#vectorOf(space, id, smart);
      if (vector === null) return [];
      const minSimilarity = await this.#minSimilarityIn(space, smart);
      const args = { topK, minSimilarity, minStrength, filter };
      return (await nearest(space, vector, args, this.#parts)).map(({ image }) => image.id);
    });
  }

  async #vectorOf(
    space: Space,
    albumId: number,
    { imageId, upload }: SmartQuery,
  ): Promise<Float32Array | null> {
    const vectorOf = async (source: QuerySource): Promise<Float32Array> =>
      vectorIn(await this.#search.query(space, source), space);
    if (imageId !== null) {
      const image = await this.#parts.catalog.images.byId(imageId);
      return image && vectorOf({ imageId });
    }
    if (upload === null || upload.spaceId === space.model.spaceId) return upload && upload.vector;
    return this.#parts.uploadVectors.of(albumId, space.model.spaceId, () =>
      vectorOf({ file: inMemory(upload.thumbnail) }),
    );
  }

  /** For a minimum chosen with another model: the similarity that excludes the same share of random pairs. */
  async #minSimilarityIn(space: Space, { minSimilarity, spaceId, percentile }: SmartQuery): Promise<number> {
    if (spaceId === space.model.spaceId || minSimilarity === 0) return minSimilarity;
    const scale = await this.#parts.scales.of(space);
    return scale === null || percentile === null ? 0 : Math.max(0, similarityAt(scale, percentile));
  }
}
