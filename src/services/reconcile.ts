import { messageOf } from '../errors.js';
import type { Logger } from '../logger.js';
import type { Catalog } from './catalog/types.js';
import type { Embedder } from './embedding/types.js';
import type { JobReport } from './jobs.js';
import type { MediaStore } from './media/types.js';
import type { VectorIndex } from './vector-index/vector-index.js';

interface Parts {
  readonly catalog: Catalog;
  readonly media: MediaStore;
  readonly embedder: Embedder;
  readonly index: VectorIndex;
  readonly logger: Logger;
}

/**
 * Removes files that no row knows: what a crash left between "file durable" and "row committed", and between
 * "row deleted" and "file deleted". Only safe while nothing is being added.
 * @returns how many were removed
 */
export async function removeOrphans({ catalog, media }: Pick<Parts, 'catalog' | 'media'>): Promise<number> {
  const known = new Set<string>();
  for await (const page of catalog.hashes()) for (const { sha256 } of page) known.add(sha256);
  let removed = 0;
  for await (const { sha256, format } of media.list()) {
    if (known.has(sha256)) continue;
    await media.remove(sha256, format);
    removed++;
  }
  return removed;
}

const PAGE = 256;

/**
 * Gives every image that has none a vector in the current space (after a change of model, say), from its stored
 * file. An image that cannot be embedded is recorded with the reason and not tried again by this run.
 */
export async function embedMissing(parts: Parts, report: JobReport, concurrency: number): Promise<void> {
  const { catalog, media, embedder, index, logger } = parts;
  const { spaceId } = embedder.model;
  report.total((await catalog.countImages()) - (await catalog.countVectors(spaceId)));
  for (let after = 0; !report.signal.aborted;) {
    const ids = await catalog.idsWithoutVector(spaceId, after, PAGE);
    if (ids.length === 0) return;
    after = ids.at(-1) as number;
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let id; (id = ids[next++]) !== undefined && !report.signal.aborted;) {
        const image = await catalog.imageById(id);
        if (image === null) continue; // removed meanwhile
        try {
          const { vector } = await embedder.embed(await media.read(image.sha256, image.format));
          await catalog.putVectors(spaceId, [{ id, vector }]);
          if ((await catalog.imageById(id)) !== null) await index.add([{ label: id, vector }]);
          report.added();
        } catch (error) {
          if (report.signal.aborted) return;
          logger.warn({ image: id, error: messageOf(error) }, 'picture could not be embedded');
          report.failed(`image ${id}`, error);
        }
      }
    };
    await Promise.all(Array.from({ length: concurrency }, lane));
  }
}

export interface VerifyProblem {
  readonly kind:
    | 'database'
    | 'file-missing'
    | 'file-damaged'
    | 'file-unknown'
    | 'vector-missing'
    | 'vector-damaged'
    | 'index';
  readonly message: string;
}

/**
 * Whether catalog, files and index agree. Reads every file.
 * @param onProgress called with (checked, total) images
 */
export async function verify(
  { catalog, media, index, spaceId }: Pick<Parts, 'catalog' | 'media' | 'index'> & { spaceId: string },
  onProgress: (checked: number, total: number) => void = () => {},
): Promise<VerifyProblem[]> {
  const problems: VerifyProblem[] = (await catalog.integrityProblems()).map((message) => ({
    kind: 'database',
    message,
  }));
  const total = await catalog.countImages();
  const hashes = new Set<string>();
  const ids = new Set<number>();
  let checked = 0;
  for await (const page of catalog.hashes()) {
    for (const { id, sha256, format } of page) {
      ids.add(id);
      hashes.add(sha256);
      const actual = await media.hashOf(sha256, format);
      if (actual === null)
        problems.push({ kind: 'file-missing', message: `image ${id}: its file ${sha256}.${format} is gone` });
      else if (actual !== sha256)
        problems.push({
          kind: 'file-damaged',
          message: `image ${id}: its file ${sha256}.${format} has changed`,
        });
      onProgress(++checked, total);
    }
  }
  for await (const { sha256, format } of media.list()) {
    if (!hashes.has(sha256))
      problems.push({ kind: 'file-unknown', message: `no image has the file ${sha256}.${format}` });
  }
  const embedded = new Set<number>();
  for await (const page of catalog.vectors(spaceId)) {
    for (const { id, vector } of page) {
      embedded.add(id);
      const stored = index.vector(id);
      const norm = Math.hypot(...vector);
      if (!(Math.abs(norm - 1) < 1e-3))
        problems.push({ kind: 'vector-damaged', message: `image ${id}: its vector has length ${norm}` });
      else if (stored === undefined)
        problems.push({ kind: 'index', message: `image ${id} is not in the index` });
      else if (!stored.every((value, i) => value === vector[i])) {
        problems.push({ kind: 'index', message: `image ${id}: the index has another vector` });
      }
    }
  }
  for (const id of ids) {
    if (!embedded.has(id))
      problems.push({ kind: 'vector-missing', message: `image ${id} has no vector in space ${spaceId}` });
  }
  for (const label of index.labels()) {
    if (!ids.has(label))
      problems.push({ kind: 'index', message: `the index has ${label}, which is no image` });
  }
  const { problem } = index.status();
  if (problem !== null) problems.push({ kind: 'index', message: problem });
  return problems;
}
