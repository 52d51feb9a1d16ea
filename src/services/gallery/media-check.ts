import { stat } from 'node:fs/promises';
import { messageOf } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { Catalog } from '../catalog/types.js';
import type { FoundFile, MediaStore } from '../media/types.js';

interface Parts {
  readonly catalog: Catalog;
  readonly media: MediaStore;
}

/** How catalog and media folder differ, by names alone; file contents are not read. */
export interface MediaDifference {
  /** Picture files that belong to no picture. They are left alone. */
  readonly unknownFiles: number;
  /** Pictures whose file is missing. */
  readonly missingFiles: number;
}

export interface MediaCheckState extends MediaDifference {
  readonly checkedAt: Date;
}

/** Picture files in the media folder that belong to no picture of the gallery. */
export async function* unknownFiles(parts: Parts): AsyncGenerator<FoundFile> {
  for await (const { unknown } of foldersOf(parts)) yield* unknown;
}

async function* foldersOf(parts: Parts): AsyncGenerator<{ known: number; unknown: FoundFile[] }> {
  for await (const found of parts.media.list()) {
    const formats = await formatsOf(parts.catalog, found);
    const unknown: FoundFile[] = [];
    for (const file of found)
      if (!isKnown(file, formats) && (await isUnknown(parts, file))) unknown.push(file);
    yield { known: found.length - unknown.length, unknown };
  }
}

const formatsOf = (catalog: Catalog, found: readonly FoundFile[]): Promise<Map<string, string>> =>
  catalog.images.formatsByHash(found.flatMap(({ claim }) => claim?.sha256 ?? []));

const isKnown = ({ claim, inPlace }: FoundFile, formats: ReadonlyMap<string, string>): boolean =>
  inPlace && claim !== null && formats.get(claim.sha256) === claim.format;

/** Checks one file, possibly again, since pictures are added and removed meanwhile. */
export async function isUnknown({ catalog }: Pick<Parts, 'catalog'>, file: FoundFile): Promise<boolean> {
  const isThere = await stat(file.path).then(
    () => true,
    () => false,
  );
  return isThere && !isKnown(file, await formatsOf(catalog, [file]));
}

/** Missing files of libraries are tracked by the libraries themselves. */
const isStored = async (catalog: Catalog, id: number): Promise<boolean> =>
  (await catalog.images.byId(id))?.stored === true;

/** Reads the names in the media folder, and checks single files only if some seem to be missing. */
export async function compareMedia(parts: Parts): Promise<MediaDifference> {
  const { catalog, media } = parts;
  let known = 0;
  let unknown = 0;
  for await (const folder of foldersOf(parts)) {
    known += folder.known;
    unknown += folder.unknown.length;
  }
  let missing = 0;
  if (known !== (await catalog.images.countStored()))
    for await (const page of catalog.images.hashes())
      for (const { id, sha256, format } of page)
        if (!(await media.has(sha256, format)) && (await isStored(catalog, id))) missing++;
  return { unknownFiles: unknown, missingFiles: missing };
}

/** Delay between the repair or adoption of a file and the next count. */
const REFRESH_MS = 60_000;

/** Counts in the background how catalog and media folder differ. */
export class MediaCheck {
  readonly #parts: Parts & { readonly logger: Logger };
  #state: MediaCheckState | null = null;
  #running: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(parts: Parts & { readonly logger: Logger }) {
    this.#parts = parts;
  }

  /** Null until it has been counted, and if it cannot be counted. */
  get state(): MediaCheckState | null {
    return this.#state;
  }

  start(): void {
    this.#running = this.#running.then(() => this.#check());
  }

  /** Counts again soon, because something has changed. */
  refreshSoon(): void {
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.start();
    }, REFRESH_MS).unref();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#running;
  }

  async #check(): Promise<void> {
    if (this.#closed) return;
    const { catalog, logger } = this.#parts;
    try {
      const before = this.#state;
      const { unknownFiles: unknown, missingFiles: missing } = await compareMedia(this.#parts);
      this.#state = { unknownFiles: unknown, missingFiles: missing, checkedAt: new Date() };
      if (unknown > 0 && unknown !== before?.unknownFiles)
        logger.warn(
          { unknownFiles: unknown },
          'files in the media folder belong to no picture and are left alone: "likeness verify" lists them, "likeness verify --adopt" adds them',
        );
      if (missing > 0 && missing !== before?.missingFiles)
        logger.warn(
          { missingFiles: missing, pictures: await catalog.images.count() },
          'pictures have no file: is the disk of the media folder mounted? "likeness verify" names them; adding or importing the same files again restores them',
        );
    } catch (error) {
      this.#state = null;
      if (!this.#closed)
        logger.warn({ error: messageOf(error) }, 'catalog and media folder could not be compared');
    }
  }
}
