import { AppError, messageOf } from '../../errors.js';
import type { ByteShare } from '../../lib/byte-budget.js';
import { unreachable } from '../../lib/check.js';
import { isFatal } from '../../lib/is-fatal.js';
import { lanes } from '../../lib/lanes.js';
import { retried } from '../../lib/retry.js';
import type { Logger } from '../../logger.js';
import type { Catalog } from '../catalog/types.js';
import type { FailureRow } from '../catalog/vector-types.js';
import type { Embedder } from '../embedding/types.js';
import type { JobReport } from '../jobs.js';
import { isUnknown, unknownFiles } from './media-check.js';
import type { FoundFile, MediaStore, StoredFile } from '../media/types.js';
import type { VectorIndex } from '../vector-index/vector-index.js';

interface Parts {
  readonly catalog: Catalog;
  readonly media: MediaStore;
  readonly embedder: Embedder;
  readonly index: VectorIndex;
  readonly logger: Logger;
  /** Memory budget for the pictures in progress. */
  readonly memory: ByteShare;
}

const PAGE = 256;

/** Ids page by page: `next(after)` returns those above `after`, ascending. */
export async function* idPages(
  next: (after: number, limit: number) => Promise<readonly number[]>,
): AsyncGenerator<readonly number[]> {
  for (let after = 0; ;) {
    const ids = await next(after, PAGE);
    if (ids.length === 0) return;
    yield ids;
    after = ids.at(-1) as number;
  }
}

/** Runs `task` for every id, several at a time, until the signal is aborted. */
export async function forEachId(
  pages: AsyncIterable<readonly number[]>,
  concurrency: number,
  signal: AbortSignal,
  task: (id: number) => Promise<void>,
): Promise<void> {
  for await (const ids of pages) {
    await lanes(ids, concurrency, task, () => !signal.aborted);
    if (signal.aborted) return;
  }
}

/**
 * Gives every image without a vector in the current space one, from its stored file (for example after a change of
 * model). If an image cannot be embedded, the reason is recorded, and this run does not try it again.
 */
export async function embedMissing(parts: Parts, report: JobReport, concurrency: number): Promise<void> {
  const { catalog, embedder } = parts;
  const { spaceId } = embedder.model;
  report.total((await catalog.images.count()) - (await catalog.vectors.count(spaceId)));
  const pages = idPages((after, limit) => catalog.vectors.idsWithout(spaceId, after, limit));
  await embedPages(pages, parts, report, concurrency);
}

/** Like `embedMissing`, in several spaces one after the other. */
export async function embedMissingIn(
  spaces: readonly Pick<Parts, 'embedder' | 'index'>[],
  parts: Omit<Parts, 'embedder' | 'index'>,
  report: JobReport,
  concurrency: number,
): Promise<void> {
  let before = 0;
  for (const { embedder, index } of spaces) {
    let wanted = 0;
    const total = (pictures: number): void => report.total(before + (wanted = pictures));
    await embedMissing({ ...parts, embedder, index }, { ...report, total }, concurrency);
    before += wanted;
  }
}

/** Embeds every image, whether it has a vector or not; the new vector replaces the old one. */
export async function embedAll(parts: Parts, report: JobReport, concurrency: number): Promise<void> {
  report.total(await parts.catalog.images.count());
  async function* pages(): AsyncGenerator<readonly number[]> {
    for await (const page of parts.catalog.images.hashes(PAGE)) yield page.map(({ id }) => id);
  }
  await embedPages(pages(), parts, report, concurrency);
}

async function embedPages(
  pages: AsyncIterable<readonly number[]>,
  parts: Parts,
  report: JobReport,
  concurrency: number,
): Promise<void> {
  const { catalog, media, embedder, logger, memory } = parts;
  const { spaceId } = embedder.model;
  await forEachId(pages, concurrency, report.signal, async (id) => {
    const image = await catalog.images.byId(id);
    if (image === null) return; // removed meanwhile
    try {
      const file = { bytesToHold: image.bytes, read: () => media.read(image.sha256, image.format) };
      const { signal } = report;
      const { vector } = await retried(
        () => memory.use([file], (bytes) => embedder.embed(bytes), signal),
        signal,
      );
      await storeVector(parts, id, vector);
      report.added();
    } catch (error) {
      if (report.signal.aborted) return;
      logger.warn({ image: id, error: messageOf(error) }, 'picture could not be embedded');
      report.failed(`image ${id}`, error);
      // Not specific to this image: the next one would fail too.
      if (isFatal(error)) throw error;
      // Only lasting reasons are recorded; others (a busy server, a full disk) deserve another try.
      if (error instanceof AppError && !error.info.retryable) {
        await catalog.vectors.recordFailure({
          imageId: id,
          spaceId,
          code: error.code,
          message: error.message,
        });
      }
    }
  });
}

/** Stores a vector in the catalog, then in the index, replacing any earlier one. */
export async function storeVector(
  { catalog, index }: Pick<Parts, 'catalog' | 'index'>,
  id: number,
  vector: Float32Array,
): Promise<void> {
  await catalog.vectors.put(index.spaceId, [{ id, vector }]);
  await index.remove([id]);
  await index.add([{ label: id, vector }]);
  // Removal deletes the row first, so a concurrent removal is noticed here or finds the vector just added.
  if ((await catalog.images.byId(id)) === null) await index.remove([id]);
}

async function* failurePages(catalog: Catalog, spaceId: string): AsyncGenerator<readonly FailureRow[]> {
  for (let after = 0; ;) {
    const page = await catalog.vectors.failures(spaceId, after, PAGE);
    if (page.length === 0) return;
    yield page;
    after = page.at(-1)?.imageId ?? after;
  }
}

/** `not-embedded` has a recorded reason; all other kinds should not occur. */
export interface VerifyProblem {
  readonly kind:
    | 'database'
    | 'file-missing'
    | 'file-damaged'
    | 'file-unknown'
    | 'vector-missing'
    | 'not-embedded'
    | 'vector-damaged'
    | 'index';
  readonly message: string;
  /** The image concerned, if any. */
  readonly imageId?: number;
  /** The picture file concerned, if any. */
  readonly file?: StoredFile;
  /** The file concerned, if it belongs to no picture. */
  readonly unknown?: FoundFile;
}

type VerifyParts = Pick<Parts, 'catalog' | 'media' | 'index'> & { readonly spaceId: string };

/** Whether its library already reports the file as missing: its disk may not be mounted. */
const isKnownMissing = async (catalog: Catalog, id: number): Promise<boolean> =>
  (await catalog.images.byId(id))?.missing === true;

/**
 * Checks whether catalog, files and index agree. Reads every file.
 * @param onProgress called with (checked, total) images
 */
export async function verify(
  { catalog, media, index, spaceId }: VerifyParts,
  onProgress: (checked: number, total: number) => void = () => {},
): Promise<VerifyProblem[]> {
  const problems: VerifyProblem[] = [];
  const about = (kind: VerifyProblem['kind'], imageId: number, problem: string, file?: StoredFile): void => {
    problems.push({ kind, imageId, message: `image ${imageId}: ${problem}`, ...(file && { file }) });
  };
  for (const message of await catalog.integrityProblems()) problems.push({ kind: 'database', message });

  const total = await catalog.images.count();
  const ids = new Set<number>();
  let checked = 0;
  for await (const page of catalog.images.hashes()) {
    for (const { id, sha256, format } of page) {
      ids.add(id);
      const file = { sha256, format };
      const actual = await media.hashOf(sha256, format);
      if (actual !== sha256 && !(await isKnownMissing(catalog, id))) {
        if (actual === null) about('file-missing', id, `its file ${sha256}.${format} is gone`, file);
        else about('file-damaged', id, `its file ${sha256}.${format} has changed`, file);
      }
      onProgress(++checked, total);
    }
  }
  for await (const unknown of unknownFiles({ catalog, media }))
    problems.push({
      kind: 'file-unknown',
      message: `no picture has the file ${unknown.name}`,
      unknown,
      ...(unknown.claim && { file: unknown.claim }),
    });
  const embedded = new Set<number>();
  for await (const page of catalog.vectors.pages(spaceId)) {
    const indexed = await index.vectors(page.map(({ id }) => id));
    for (const { id, vector } of page) {
      embedded.add(id);
      const stored = indexed.get(id);
      const norm = Math.hypot(...vector);
      if (!(Math.abs(norm - 1) < 1e-3)) about('vector-damaged', id, `its vector has length ${norm}`);
      else if (stored === undefined) about('index', id, 'it is missing in the index');
      else if (!stored.every((value, i) => value === vector[i]))
        about('index', id, 'the index has a different vector for it');
    }
  }
  const reasons = new Map<number, string>();
  for await (const page of failurePages(catalog, spaceId))
    for (const { imageId, code, message } of page) reasons.set(imageId, `${code}: ${message}`);
  for (const id of ids) {
    if (embedded.has(id)) continue;
    const reason = reasons.get(id);
    if (reason === undefined) about('vector-missing', id, `it has no vector in space ${spaceId}`);
    else about('not-embedded', id, `it has no vector in space ${spaceId}, since ${reason}`);
  }
  for (const label of await index.labels())
    if (!ids.has(label)) about('index', label, 'the index has it, the catalog does not');
  const { problem } = await index.status();
  if (problem !== null) problems.push({ kind: 'index', message: problem });
  return problems;
}

/**
 * Returns those of the problems that persist. Catalog, files and index are read one after the other, so they may seem
 * to differ only because a server adds or removes pictures meanwhile.
 * @param parts with an index that was opened after `verify` ended
 */
export async function recheck(
  parts: VerifyParts,
  problems: readonly VerifyProblem[],
): Promise<VerifyProblem[]> {
  const remaining: VerifyProblem[] = [];
  for (const problem of problems) if (await isStillThere(parts, problem)) remaining.push(problem);
  return remaining;
}

async function isStillThere(
  { catalog, media, index, spaceId }: VerifyParts,
  { kind, imageId, file, unknown }: VerifyProblem,
): Promise<boolean> {
  const image = imageId === undefined ? null : await catalog.images.byId(imageId);
  switch (kind) {
    case 'database':
      return true;
    case 'file-missing':
    case 'file-damaged':
      return (
        image !== null && file !== undefined && (await media.hashOf(file.sha256, file.format)) !== file.sha256
      );
    case 'file-unknown':
      return unknown !== undefined && (await isUnknown({ catalog }, unknown));
    case 'vector-missing':
    case 'not-embedded':
      return image !== null && (await catalog.vectors.idsWithout(spaceId, image.id - 1, 1))[0] === image.id;
    case 'vector-damaged':
      return image !== null;
    case 'index':
      if (imageId === undefined) return (await index.status()).problem !== null;
      return (image !== null) !== (await index.has(imageId));
    default:
      return unreachable(kind);
  }
}
