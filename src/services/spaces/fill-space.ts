import { AppError, messageOf, type ErrorCode } from '../../errors.js';
import { isFatal } from '../../lib/is-fatal.js';
import type { ByteShare } from '../../lib/byte-budget.js';
import { retried } from '../../lib/retry.js';
import type { Logger } from '../../logger.js';
import type { Catalog } from '../catalog/types.js';
import type { JobReport } from '../jobs.js';
import type { MediaStore } from '../media/types.js';
import { forEachId, idPages, storeVector } from '../gallery/reconcile.js';
import type { Space } from './spaces.js';

/** After this many consecutive failures not caused by the picture, the model or the machine is at fault. */
const HOPELESS = 20;

/** Reasons why no picture can be embedded. */
const FATAL: readonly ErrorCode[] = ['MODEL_MISSING', 'MODEL_MISMATCH', 'SHUTTING_DOWN'];

export interface FillParts {
  readonly catalog: Catalog;
  readonly media: MediaStore;
  readonly logger: Logger;
  /** Memory budget for the pictures in progress. */
  readonly memory: ByteShare;
  /** Pictures processed at once. */
  readonly concurrency: number;
}

/**
 * Computes the vectors of the gallery's pictures in a space that does not serve yet, or records why that fails. Temporary
 * failures (a worker died, a picture took too long) are retried a few times first.
 */
export class SpaceFiller {
  readonly #parts: FillParts;
  readonly #report: JobReport;
  #done = 0;
  #embedded = 0;
  /** Failures since the last success, not counting those caused by the picture itself. */
  #inARow = 0;
  #lastReason: AppError | null = null;

  constructor(parts: FillParts, report: JobReport) {
    this.#parts = parts;
    this.#report = report;
  }

  /** Number of pictures that got a vector. */
  get embedded(): number {
    return this.#embedded;
  }

  /**
   * Fills in every picture without a vector, even with a recorded reason, which may no longer apply.
   * @throws AppError if it is hopeless: the model fails on every picture, or nothing can be stored
   */
  async fillAll(space: Space): Promise<void> {
    const { catalog } = this.#parts;
    const { spaceId } = space.model;
    const { images, vectors } = await catalog.vectors.coverage(spaceId);
    await this.#fill(space, images - vectors, (after, limit) =>
      catalog.vectors.idsWithout(spaceId, after, limit),
    );
    if (this.#embedded === 0 && this.#lastReason !== null && (await catalog.vectors.count(spaceId)) === 0)
      throw hopeless('No picture could be embedded', this.#lastReason);
  }

  /** Fills in every picture with neither a vector nor a recorded reason. @throws as `fillAll` */
  async fillPending(space: Space): Promise<void> {
    const { catalog } = this.#parts;
    const { spaceId } = space.model;
    await this.#fill(space, (await catalog.vectors.coverage(spaceId)).pending, (after, limit) =>
      catalog.vectors.idsPending(spaceId, after, limit),
    );
  }

  /** Tries one picture once, without pauses. @returns whether it has a vector or a recorded reason, or is gone */
  async tryOnce(space: Space, id: number): Promise<boolean> {
    const failure = await this.#embed(space, id);
    if (failure === null) return true;
    if (failure.info.retryable) return false;
    await this.#recordFailure(space, id, failure);
    return true;
  }

  async #fill(
    space: Space,
    pictures: number,
    next: (after: number, limit: number) => Promise<readonly number[]>,
  ): Promise<void> {
    this.#report.total(this.#done + pictures);
    await forEachId(idPages(next), this.#parts.concurrency, this.#report.signal, (id) =>
      this.#fillOne(space, id),
    );
    this.#report.signal.throwIfAborted();
  }

  async #fillOne(space: Space, id: number): Promise<void> {
    const { signal } = this.#report;
    let failure = null as AppError | null;
    const embed = async (): Promise<void> => {
      failure = await this.#embed(space, id);
      if (failure !== null) throw failure;
    };
    try {
      await retried(embed, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (failure === null || error !== failure) throw error;
      await this.#recordFailure(space, id, failure);
    }
  }

  /**
   * @returns null on success or if the picture is gone, otherwise why it has no vector
   * @throws failures that are not specific to the picture
   */
  async #embed(space: Space, id: number): Promise<AppError | null> {
    const { catalog, media, memory } = this.#parts;
    const { signal } = this.#report;
    const image = await catalog.images.byId(id);
    if (image === null) return null;
    let vector: Float32Array;
    try {
      const file = { bytesToHold: image.bytes, read: () => media.read(image.sha256, image.format) };
      ({ vector } = await memory.use([file], (bytes) => space.embedder.embed(bytes, { signal }), signal));
    } catch (error) {
      if (!(error instanceof AppError) || FATAL.includes(error.code)) {
        signal.throwIfAborted();
        throw error;
      }
      return error;
    }
    await storeVector({ catalog, index: space.index }, id, vector);
    this.#embedded++;
    this.#done++;
    this.#inARow = 0;
    this.#report.added();
    return null;
  }

  async #recordFailure({ model }: Space, id: number, failure: AppError): Promise<void> {
    const { catalog, logger } = this.#parts;
    if (isFatal(failure)) throw failure;
    if (!isPicturesOwn(failure)) {
      this.#lastReason = failure;
      if (++this.#inARow >= HOPELESS) {
        if (!isMissingFile(failure) || !(await this.#hasFiles()))
          throw hopeless(`${HOPELESS} pictures in a row could not be embedded`, failure);
        this.#inARow = 0;
      }
    }
    const { code, message } = failure;
    logger.warn({ image: id, spaceId: model.spaceId, code, error: message }, 'picture could not be embedded');
    await catalog.vectors.recordFailure({ imageId: id, spaceId: model.spaceId, code, message });
    this.#done++;
    this.#report.failed(`image ${id}`, failure);
  }

  /** If the whole media folder is unavailable, a single missing file means nothing. */
  async #hasFiles(): Promise<boolean> {
    for await (const _ of this.#parts.media.list()) return true;
    return false;
  }
}

const isPicturesOwn = (failure: AppError): boolean =>
  failure.code.startsWith('IMAGE_') && !isMissingFile(failure);

const isMissingFile = ({ code }: AppError): boolean => code === 'IMAGE_FILE_MISSING';

const hopeless = (what: string, last: AppError): AppError =>
  new AppError(last.code, `${what}: ${messageOf(last)}`, { cause: last });
