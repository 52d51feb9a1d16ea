import { randomUUID } from 'node:crypto';
import { imageNotFound } from '../../errors.js';
import type { ByteBudget, ByteShare, LazyBytes } from '../../lib/byte-budget.js';
import { check } from '../../lib/check.js';
import type { NewSearchRecord } from '../catalog/search-types.js';
import type { Catalog, ImageRow } from '../catalog/types.js';
import type { Embedding, Explanation, PatchPicture } from '../embedding/types.js';
import { sha256Of } from '../../lib/sha256.js';
import type { SearchHistory } from './history.js';
import { assertByteSize } from '../gallery/ingest.js';
import type { MediaStore } from '../media/types.js';
import type { SimilarityScales } from '../spaces/similarity-scales.js';
import type { ServingSpaces, Space, Spaces } from '../spaces/spaces.js';
import { assertSearchArgs, MAX_TOP_K } from './arguments.js';
import { nearest } from './nearest.js';
import { ofGallery, recorded, uploaded, vectorIn, wholePicture } from './query.js';
import { recordOfSearch } from './record.js';
import { SmartAlbums } from './smart-albums.js';
import type {
  Match,
  PictureFile,
  PictureSubject,
  Query,
  QueryOptions,
  QuerySource,
  SearchAnswer,
  SearchArgs,
  StoredFile,
} from './types.js';
import type { UploadVectors } from './upload-vectors.js';

export interface SearchOptions {
  readonly catalog: Catalog;
  readonly media: MediaStore;
  readonly spaces: Spaces;
  readonly scales: SimilarityScales;
  readonly history: SearchHistory | null;
  readonly maxBytes: number;
  readonly memory: ByteBudget;
  readonly uploadVectors: UploadVectors;
}

/** Timings of a query whose vector already existed. */
const UNTOUCHED = { queueMs: 0, decodeMs: 0, embedMs: 0 } as const;

/** Milliseconds since `start` of `performance.now()`. */
const since = (start: number): number => performance.now() - start;

/**
 * Finds matches for a query picture. Each call uses the spaces that serve when it begins; `within` binds several calls
 * to the same spaces, so that their answers are consistent.
 */
export class Search {
  /** Saved searches, in the bound spaces. */
  readonly albums: SmartAlbums;
  readonly #parts: SearchOptions;
  readonly #spaces: ServingSpaces | null;
  /** Memory budget for the pictures that are read. */
  readonly #memory: ByteShare;
  readonly #patchMaps = new WeakMap<PictureFile, Promise<PatchPicture | null>>();
  readonly #told: { onAnswer: (answer: SearchAnswer) => void };

  constructor(
    options: SearchOptions,
    spaces: ServingSpaces | null = null,
    memory = options.memory.forRequest(),
    told = { onAnswer: (_: SearchAnswer): void => {} },
  ) {
    this.#parts = options;
    this.#spaces = spaces;
    this.#memory = memory;
    this.#told = told;
    this.albums = new SmartAlbums(options, {
      use: (task) => this.#inSpace(task),
      query: (space, source) => this.#query(space, source, {}),
    });
  }

  /** Called with every answer, for metrics; shared by all results of `within`. */
  set onAnswer(onAnswer: (answer: SearchAnswer) => void) {
    this.#told.onAnswer = onAnswer;
  }

  /**
   * A search for one request, bound to these spaces.
   * @param spaces leased by the caller for as long as the search is used
   * @param memory the request's share of the memory for pictures
   */
  within(spaces: ServingSpaces, memory: ByteShare): Search {
    return new Search(this.#parts, spaces, memory, this.#told);
  }

  #inSpace<Result>(task: (space: Space) => Promise<Result>): Promise<Result> {
    const inPrimary = ({ primary }: ServingSpaces): Promise<Result> => task(primary);
    return this.#spaces === null ? this.#parts.spaces.use(inPrimary) : inPrimary(this.#spaces);
  }

  /**
   * Searches by an uploaded picture or by one of the gallery (which is among its own matches, just as if its file had
   * been uploaded), and records the search for `visitorId`.
   * @throws AppError BAD_USER_INPUT, IMAGE_NOT_FOUND, and what `Embedder.embed` throws
   */
  async search(
    source: QuerySource,
    args: SearchArgs,
    visitorId: string | null,
    signal?: AbortSignal,
  ): Promise<SearchAnswer<PictureSubject>> {
    assertSearchArgs(args);
    return this.#inSpace((space) => this.#search(space, source, args, visitorId, signal));
  }

  async #search(
    space: Space,
    source: QuerySource,
    args: SearchArgs,
    visitorId: string | null,
    signal: AbortSignal | undefined,
  ): Promise<SearchAnswer<PictureSubject>> {
    const start = performance.now();
    const query = await this.#query(space, source, {
      thumbnail: visitorId !== null && this.#parts.history !== null,
      ...(signal && { signal }),
    });
    const searchStart = performance.now();
    const matches = await this.#nearest(space, query, args);
    const id = randomUUID();
    const { queueMs, decodeMs, embedMs } = query.subject.embedding?.timings ?? UNTOUCHED;
    const timings = { queueMs, decodeMs, embedMs, searchMs: since(searchStart), totalMs: since(start) };
    if (visitorId !== null)
      this.#parts.history?.record(recordOfSearch(id, visitorId, query, matches, timings.totalMs));
    const answer = { id, query, matches, timings };
    this.#told.onAnswer(answer);
    return answer;
  }

  async #nearest(space: Space, query: Query, args: SearchArgs): Promise<Match[]> {
    const filter = await this.albums.resolved(args.filter);
    return nearest(space, vectorIn(query, space), { ...args, filter }, this.#parts);
  }

  /**
   * Repeats an earlier search, by the id of its answer, in the current gallery. Not recorded again.
   * @returns null if it is not in the history, its picture was removed, or its vector is of a space that no longer serves
   */
  async again(
    id: string,
    args: SearchArgs,
    signal?: AbortSignal,
  ): Promise<SearchAnswer<PictureSubject> | null> {
    assertSearchArgs(args);
    const start = performance.now();
    await this.#parts.history?.flush();
    const record = await this.#parts.catalog.searches.byId(id);
    if (record === null) return null;
    return this.#inSpace(async (space) => {
      const query = await this.#recordedQuery(space, record, signal);
      if (query === null) return null;
      const searchStart = performance.now();
      const matches = await this.#nearest(space, query, args);
      const timings = { ...UNTOUCHED, searchMs: since(searchStart), totalMs: since(start) };
      return { id, query, matches, timings };
    });
  }

  async #recordedQuery(
    space: Space,
    { queryImageId, spaceId, query }: NewSearchRecord,
    signal: AbortSignal | undefined,
  ): Promise<Query<PictureSubject> | null> {
    if (queryImageId !== null) {
      const image = await this.#parts.catalog.images.byId(queryImageId);
      return image && this.#query(space, { imageId: queryImageId }, signal === undefined ? {} : { signal });
    }
    if (query === null || spaceId !== space.model.spaceId) return null;
    return wholePicture(recorded(query), space, query.vector);
  }

  /** The nearest other images of a gallery image; none while it has no vector. @throws AppError BAD_USER_INPUT */
  async similar(imageId: number, topK: number): Promise<Match[]> {
    check(topK >= 1 && topK <= MAX_TOP_K, 'topK', `a whole number from 1 to ${MAX_TOP_K}`);
    return this.#inSpace(async (space) => {
      const vector = await space.index.vector(imageId);
      if (vector === undefined) return [];
      const matches = await nearest(space, vector, { topK: topK + 1, minSimilarity: 0 }, this.#parts);
      return matches
        .filter((match) => match.image.id !== imageId)
        .slice(0, topK)
        .map((match, i) => ({ ...match, rank: i + 1 }));
    });
  }

  /** The query picture with its vector. @throws as `search` */
  async query(source: QuerySource, options: QueryOptions = {}): Promise<Query<PictureSubject>> {
    return this.#inSpace((space) => this.#query(space, source, options));
  }

  async #query(space: Space, source: QuerySource, options: QueryOptions): Promise<Query<PictureSubject>> {
    const { file: upload, imageId } = source;
    check((upload === undefined) !== (imageId === undefined), 'image', 'exactly one of image and imageId');
    if (upload !== undefined) return this.#uploaded(space, upload, options);
    const image = await this.#parts.catalog.images.byId(imageId as number);
    if (image === null) throw imageNotFound(imageId as number);
    const vector = await space.index.vector(image.id);
    if (vector !== undefined) return wholePicture(ofGallery(image, this.fileOf(image), null), space, vector);
    // The vector of this picture is still to come (after a change of model): compute it now.
    const embedding = await this.#embedStored(space, image, options.signal);
    return wholePicture(ofGallery(image, this.fileOf(image), embedding), space, embedding.vector);
  }

  /**
   * A small version of the picture, for its colours: RGB, 8 bit, row-major, square.
   * @throws AppError as `Embedder.embed`, if it has to be made from a gallery image's file; IMAGE_NOT_FOUND
   */
  async swatch(subject: PictureSubject, signal?: AbortSignal): Promise<Uint8Array> {
    if (subject.kind === 'upload') return subject.swatch;
    const { embedding, image } = subject;
    return (embedding ?? (await this.#inSpace((space) => this.#embedStored(space, image, signal)))).swatch;
  }

  async #embedStored(
    { embedder }: Space,
    image: ImageRow,
    signal: AbortSignal | undefined,
  ): Promise<Embedding> {
    const options = signal === undefined ? {} : { signal };
    return this.#memory.use([this.#stored(image)], (bytes) => embedder.embed(bytes, options), signal);
  }

  /** The file of a gallery image. */
  fileOf(image: StoredFile): PictureFile {
    return { file: this.#stored(image) };
  }

  #stored({ sha256, format, bytes }: StoredFile): LazyBytes {
    return { bytesToHold: bytes, read: () => this.#parts.media.read(sha256, format) };
  }

  /**
   * The patches of a picture in colours, computed once per query.
   * @returns null if the model has no patch tokens, or the file is not kept
   * @throws AppError as `Embedder.patchMap`; IMAGE_NOT_FOUND
   */
  patchMap(query: PictureFile, signal?: AbortSignal): Promise<PatchPicture | null> {
    let map = this.#patchMaps.get(query);
    if (map === undefined) this.#patchMaps.set(query, (map = this.#patchMap(query, signal)));
    return map;
  }

  async #patchMap({ file }: PictureFile, signal: AbortSignal | undefined): Promise<PatchPicture | null> {
    return this.#inSpace(async ({ embedder, model }) => {
      if (!model.hasPatchTokens || file === null) return null;
      const options = signal === undefined ? {} : { signal };
      return this.#memory.use([file], (bytes) => embedder.patchMap(bytes, options), signal);
    });
  }

  /**
   * Where a query and a gallery image agree.
   * @returns null if the model has no patch tokens, or the query's file is not kept
   * @throws AppError as `Embedder.explain`; IMAGE_NOT_FOUND
   */
  async explain({ file }: PictureFile, match: StoredFile, signal?: AbortSignal): Promise<Explanation | null> {
    return this.#inSpace(async ({ embedder, model }) => {
      if (!model.hasPatchTokens || file === null) return null;
      const options = signal === undefined ? {} : { signal };
      return this.#memory.use(
        [file, this.#stored(match)],
        (queryBytes, matchBytes) => embedder.explain(queryBytes, matchBytes, options),
        signal,
      );
    });
  }

  /** How many gallery images have at least this similarity to the vector, which is of the bound space. */
  async matchCount(vector: Float32Array, minSimilarity: number): Promise<number> {
    check(minSimilarity >= 0 && minSimilarity <= 1, 'minSimilarity', 'a number from 0 to 1');
    return this.#inSpace(({ index }) =>
      index.countAbove(vector, minSimilarity === 0 ? -1 - 1e-3 : minSimilarity),
    );
  }

  async #uploaded(space: Space, file: LazyBytes, options: QueryOptions): Promise<Query<PictureSubject>> {
    const task = async (bytes: Uint8Array): Promise<Query<PictureSubject>> => {
      assertByteSize(bytes.byteLength, this.#parts.maxBytes);
      const embedding = await space.embedder.embed(bytes, options);
      const sha256 = await sha256Of(bytes);
      const subject = uploaded({ file }, embedding, { bytes: bytes.byteLength, sha256 });
      return wholePicture(subject, space, embedding.vector);
    };
    return this.#memory.use([file], task, options.signal);
  }
}
