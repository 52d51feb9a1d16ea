import { createHash, randomUUID } from 'node:crypto';
import { AppError } from '../errors.js';
import { check } from '../lib/check.js';
import type { Catalog, ImageFilter, ImageRow } from './catalog/types.js';
import type { Embedder, Embedding } from './embedding/types.js';
import type { SearchHistory } from './history.js';
import { assertByteSize, normalizeTags } from './ingest.js';
import type { MediaStore } from './media/types.js';
import type { VectorIndex } from './vector-index/vector-index.js';

export const MAX_TOP_K = 1000;

export interface Match {
  /** 1-based. */
  readonly rank: number;
  /** max(0, cosine), 0..1. */
  readonly similarity: number;
  readonly image: ImageRow;
}

export interface StageTimings {
  readonly queueMs: number;
  readonly decodeMs: number;
  readonly embedMs: number;
  readonly searchMs: number;
  readonly totalMs: number;
}

/** A query picture and its vector, whether it was uploaded or is of the gallery. */
export interface Query {
  readonly width: number;
  readonly height: number;
  readonly format: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly vector: Float32Array;
  /** The gallery image it is, when it was named by id. */
  readonly image: ImageRow | null;
  /** Null for a gallery image: its pixels were not touched. */
  readonly embedding: Embedding | null;
}

/** Exactly one of the two. */
export interface QuerySource {
  readonly bytes?: Uint8Array | undefined;
  readonly imageId?: number | undefined;
}

export interface SearchArgs {
  readonly topK: number;
  readonly minSimilarity: number;
  readonly filter?: ImageFilter | undefined;
}

export interface SearchAnswer {
  readonly id: string;
  readonly query: Query;
  readonly matches: readonly Match[];
  readonly timings: StageTimings;
}

export interface SearchOptions {
  readonly catalog: Catalog;
  readonly media: MediaStore;
  readonly embedder: Embedder;
  readonly index: VectorIndex;
  readonly history: SearchHistory | null;
  readonly maxBytes: number;
}

/** Milliseconds since `start` of `performance.now()`. */
const since = (start: number): number => performance.now() - start;

/** From a query picture to matches. */
export class Search {
  /** Told of every answer, for metrics. */
  onAnswer: (answer: SearchAnswer) => void = () => {};
  readonly #parts: SearchOptions;

  constructor(options: SearchOptions) {
    this.#parts = options;
  }

  /**
   * Searches by an uploaded picture or by one of the gallery (which is then among its own matches, as it would be
   * had its file been uploaded), and records the search for `visitorId`.
   * @throws AppError BAD_USER_INPUT, IMAGE_NOT_FOUND, and what `Embedder.embed` throws
   */
  async search(
    source: QuerySource,
    args: SearchArgs,
    visitorId: string | null,
    signal?: AbortSignal,
  ): Promise<SearchAnswer> {
    const start = performance.now();
    const { topK, minSimilarity } = args;
    assertSearchArgs(args);
    const query = await this.query(source, { thumbnail: visitorId !== null, ...(signal && { signal }) });
    const searchStart = performance.now();
    const matches = await this.#nearest(query.vector, topK, minSimilarity, args.filter);
    const id = randomUUID();
    const { queueMs, decodeMs, embedMs } = query.embedding?.timings ?? {
      queueMs: 0,
      decodeMs: 0,
      embedMs: 0,
    };
    const timings = { queueMs, decodeMs, embedMs, searchMs: since(searchStart), totalMs: since(start) };
    if (visitorId !== null) this.#record(id, visitorId, query, matches, timings.totalMs);
    const answer = { id, query, matches, timings };
    this.onAnswer(answer);
    return answer;
  }

  /** The nearest other images of a gallery image. @throws AppError IMAGE_NOT_FOUND */
  async similar(imageId: number, topK: number): Promise<Match[]> {
    check(topK >= 1 && topK <= MAX_TOP_K, 'topK', `a whole number from 1 to ${MAX_TOP_K}`);
    const vector = this.#parts.index.vector(imageId);
    if (vector === undefined) return [];
    const matches = await this.#nearest(vector, topK + 1, 0, undefined);
    return matches
      .filter((match) => match.image.id !== imageId)
      .slice(0, topK)
      .map((match, i) => ({ ...match, rank: i + 1 }));
  }

  /** The query picture with its vector. @throws as `search` */
  async query(
    source: QuerySource,
    options: { thumbnail?: boolean; signal?: AbortSignal } = {},
  ): Promise<Query> {
    const { bytes, imageId } = source;
    check((bytes === undefined) !== (imageId === undefined), 'image', 'exactly one of image and imageId');
    if (bytes !== undefined) return this.#uploaded(bytes, options);
    const image = await this.#parts.catalog.imageById(imageId as number);
    if (image === null) throw new AppError('IMAGE_NOT_FOUND', 'No picture of the gallery has this id.');
    const { width, height, format, sha256 } = image;
    const vector = this.#parts.index.vector(image.id);
    if (vector !== undefined)
      return { width, height, format, sha256, bytes: image.bytes, vector, image, embedding: null };
    // A row whose vector is still being made (a new model): make this one now.
    const embedding = await this.embedStored(image, options.signal);
    return { width, height, format, sha256, bytes: image.bytes, vector: embedding.vector, image, embedding };
  }

  /** Decodes and embeds a gallery image's file anew. */
  async embedStored(image: ImageRow, signal?: AbortSignal): Promise<Embedding> {
    const bytes = await this.#parts.media.read(image.sha256, image.format);
    return this.#parts.embedder.embed(bytes, signal === undefined ? {} : { signal });
  }

  /** How many gallery images have at least this similarity to the vector. */
  async matchCount(vector: Float32Array, minSimilarity: number): Promise<number> {
    check(minSimilarity >= 0 && minSimilarity <= 1, 'minSimilarity', 'a number from 0 to 1');
    return this.#parts.index.countAbove(vector, minSimilarity === 0 ? -1 - 1e-3 : minSimilarity);
  }

  async #uploaded(bytes: Uint8Array, options: { thumbnail?: boolean; signal?: AbortSignal }): Promise<Query> {
    assertByteSize(bytes.byteLength, this.#parts.maxBytes);
    const embedding = await this.#parts.embedder.embed(bytes, options);
    const { width, height, format, vector } = embedding;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { width, height, format, bytes: bytes.byteLength, sha256, vector, image: null, embedding };
  }

  async #nearest(
    vector: Float32Array,
    topK: number,
    minSimilarity: number,
    filter: ImageFilter | undefined,
  ): Promise<Match[]> {
    const { catalog, index } = this.#parts;
    const allowed =
      filter === undefined || isEmpty(filter)
        ? undefined
        : await catalog.idsMatching(normalizeFilter(filter));
    const neighbours = await index.search(vector, topK, allowed);
    const near = neighbours
      .map(({ label, cosine }) => ({ label, similarity: Math.min(1, Math.max(0, cosine)) }))
      .filter(({ similarity }) => similarity >= minSimilarity);
    const rows = new Map(
      (await catalog.imagesByIds(near.map(({ label }) => label))).map((row) => [row.id, row]),
    );
    const matches: Match[] = [];
    for (const { label, similarity } of near) {
      const image = rows.get(label); // gone when it was removed between the two reads
      if (image !== undefined) matches.push({ rank: matches.length + 1, similarity, image });
    }
    return matches;
  }

  #record(id: string, visitorId: string, query: Query, matches: readonly Match[], totalMs: number): void {
    const { history, embedder } = this.#parts;
    history?.record({
      id,
      visitorId,
      createdAt: new Date(),
      modelId: embedder.model.id,
      spaceId: embedder.model.spaceId,
      queryImageId: query.image?.id ?? null,
      thumbnail: query.embedding?.thumbnail ?? null,
      thumbnailType: query.embedding?.thumbnail ? 'image/jpeg' : null,
      totalMs,
      matches: matches.slice(0, 24).map(({ image, similarity }) => ({ imageId: image.id, similarity })),
    });
  }
}

/** @throws AppError BAD_USER_INPUT */
export function assertSearchArgs({ topK, minSimilarity }: SearchArgs): void {
  check(
    Number.isInteger(topK) && topK >= 1 && topK <= MAX_TOP_K,
    'topK',
    `a whole number from 1 to ${MAX_TOP_K}`,
  );
  check(minSimilarity >= 0 && minSimilarity <= 1, 'minSimilarity', 'a number from 0 to 1');
}

const isEmpty = (filter: ImageFilter): boolean =>
  !filter.tags?.length &&
  !filter.anyTags?.length &&
  !filter.createdAfter &&
  !filter.createdBefore &&
  !filter.text?.trim();

/** The filter as the catalog wants it: tags in the form they are stored in, text trimmed. */
export function normalizeFilter(filter: ImageFilter): ImageFilter {
  const text = filter.text?.normalize('NFC').trim();
  check(text === undefined || text.length <= 200, 'filter.text', 'at most 200 characters');
  return {
    tags: filter.tags && normalizeTags(filter.tags, 'filter.tags'),
    anyTags: filter.anyTags && normalizeTags(filter.anyTags, 'filter.anyTags'),
    createdAfter: filter.createdAfter,
    createdBefore: filter.createdBefore,
    text: text === '' ? undefined : text,
  };
}
