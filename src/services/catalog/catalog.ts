import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { AppError, messageOf } from '../../errors.js';
import type { Logger } from '../../logger.js';
import * as albums from './albums.js';
import * as cameraFacts from './camera-facts.js';
import { CatalogCalls } from './catalog-calls.js';
import { ConnectionAdapter } from './connection-adapter.js';
import { Connection, databasePath, whenFree } from './connection.js';
import * as facts from './facts.js';
import { PrismaClient } from './generated/client.js';
import * as imageContent from './image-content.js';
import * as images from './images.js';
import { integrityProblems } from './integrity.js';
import * as libraries from './libraries.js';
import { migrate } from './migrate.js';
import { cameraCounts, months } from './months.js';
import { createImages } from './new-images.js';
import { Reader } from './reader.js';
import { refold } from './refold.js';
import { RowCache } from './row-cache.js';
import * as searches from './searches.js';
import type { Database } from './sql.js';
import { storageError } from './storage-error.js';
import type { Catalog, ImageRow, NewPicture } from './types.js';
import * as vectors from './vectors.js';

export interface CatalogOptions {
  /** `file:<path>`; the folder is created if missing. */
  readonly databaseUrl: string;
  /** Folder of migrations, `<14 digits>_<name>/migration.sql` each. */
  readonly migrationsDir: string;
  readonly logger: Logger;
  /** Creates, migrates and writes nothing; safe while another process writes. */
  readonly readOnly?: boolean;
}

/**
 * How much WebAssembly runs before V8 optimises it: seven times Node 20's default. Prisma plans each query in it only
 * once, and optimising code that hardly runs again took a fifth of the processor time of a start.
 */
const COMPILE_LESS = '--wasm-tiering-budget=13000000';

/**
 * Opens the catalog: the only user of Prisma. A database has one writer at a time (the caller holds a lock); a process
 * opens it only once.
 *
 * An acknowledged write is on disk: WAL with `synchronous = FULL` syncs the log at every commit, so the write survives
 * a killed process, and a power cut if the disk reports syncs truthfully.
 *
 * @throws AppError STORAGE_FAILED when the file is missing (for a reader), is damaged, is no database or not ours;
 * DATABASE_TOO_NEW when a newer version has written it
 */
export async function openCatalog({
  databaseUrl,
  migrationsDir,
  logger,
  readOnly = false,
}: CatalogOptions): Promise<Catalog> {
  const path = databasePath(databaseUrl);
  let connection: Connection | null = null;
  let reader: Reader | null = null;
  try {
    if (readOnly) await assertThere(path);
    else await mkdir(dirname(path), { recursive: true });
    const opened = (connection = await whenFree(() => new Connection(path, readOnly)));
    await whenFree(() => migrate({ connection: opened, path, migrationsDir, logger, readOnly }));
    if (!readOnly) await whenFree(() => refold(opened, logger));
    // The mode is stored in the file, which is now known to be ours.
    if (!readOnly) await whenFree(() => opened.script('PRAGMA journal_mode = WAL'));
    reader = new Reader(await whenFree(() => new Connection(path, true)));
    setFlagsFromString(COMPILE_LESS);
    const db = new PrismaClient({
      adapter: new ConnectionAdapter(opened),
      // A transaction must not fail because it waits for others of this process.
      transactionOptions: { maxWait: 60_000, timeout: 60_000 },
    });
    await db.$connect();
    return composeCatalog({ db, connection: opened, reader, path, readOnly });
  } catch (error) {
    reader?.close();
    connection?.close();
    throw storageError(error, path);
  }
}

const idsOf = (images: readonly ImageRow[]): number[] => images.map(({ id }) => id);

interface OpenCatalog {
  readonly db: Database;
  /** The connection that Prisma uses. */
  readonly connection: Connection;
  readonly reader: Reader;
  readonly path: string;
  readonly readOnly: boolean;
}

function composeCatalog(open: OpenCatalog): Catalog {
  const { db, reader, path, readOnly } = open;
  const calls = new CatalogCalls(path);
  const run = <Result>(task: () => Promise<Result>): Promise<Result> => calls.run(task);
  const runPages = <Item>(pages: AsyncGenerator<Item[]>): AsyncGenerator<Item[]> => calls.pages(pages);
  return {
    images: composeImages(open, calls),
    vectors: {
      ensureSpace: (space) => run(() => vectors.ensureSpace(db, space)),
      spaces: () => run(() => vectors.spaces(db)),
      count: (spaceId) => run(() => vectors.countVectors(db, spaceId)),
      pages: (spaceId, pageSize = 500) => runPages(vectors.vectors(db, spaceId, pageSize)),
      put: (spaceId, rows) => run(() => vectors.putVectors(db, spaceId, rows)),
      idsWithout: (spaceId, afterId, limit) =>
        run(() => vectors.idsWithoutVector(db, spaceId, afterId, limit)),
      recordFailure: (failure) => run(() => vectors.recordFailure(db, failure)),
      countFailures: (spaceId) => run(() => vectors.countFailures(db, spaceId)),
      failures: (spaceId, afterId, limit) => run(() => vectors.failures(db, spaceId, afterId, limit)),
      coverage: (spaceId) => run(() => vectors.coverage(db, spaceId)),
      idsPending: (spaceId, afterId, limit) => run(() => vectors.idsPending(db, spaceId, afterId, limit)),
      setFactsWhenCovered: (spaceId, added) => run(() => vectors.setFactsWhenCovered(db, spaceId, added)),
      clearSpace: (spaceId) => run(() => vectors.clearSpace(db, spaceId)),
      removeSpace: (spaceId) => run(() => vectors.removeSpace(db, spaceId)),
    },
    searches: {
      record: (records) => run(() => searches.recordSearches(db, records)),
      list: (page) => run(() => searches.listSearches(reader, page)),
      byId: (id) => run(() => searches.searchById(db, id)),
      byIds: (visitorId, ids) => run(() => searches.searchesByIds(reader, visitorId, ids)),
      clear: (visitorId) => run(() => searches.clearSearches(db, visitorId)),
      remove: (visitorId, ids) => run(() => searches.removeSearches(db, visitorId, ids)),
      prune: (keep) => run(() => searches.pruneSearches(db, keep)),
    },
    facts: {
      get: (key) => run(() => facts.fact(db, key)),
      set: (key, value) => run(() => facts.setFact(db, key, value)),
    },
    libraries: composeLibraries({ db, reader, calls }),
    albums: composeAlbums({ db, reader, calls }),
    // Damage found while looking for damage is an answer, not a failure.
    integrityProblems: () => run(() => integrityProblems(db).catch((error: unknown) => [messageOf(error)])),
    close: () =>
      calls.close(async () => {
        reader.close();
        // Leaves one file instead of three, unless a reader still uses the log.
        if (!readOnly) await db.$queryRaw`PRAGMA wal_checkpoint(TRUNCATE)`.catch(() => {});
        await db.$disconnect();
      }),
  };
}

function composeImages(
  { db, connection, reader, path, readOnly }: OpenCatalog,
  calls: CatalogCalls,
): Catalog['images'] {
  const run = <Result>(task: () => Promise<Result>): Promise<Result> => calls.run(task);
  const rows = new RowCache(readOnly ? 0 : undefined);
  const byIds = (ids: readonly number[]) => rows.byIds(ids, (missing) => images.imagesByIds(reader, missing));
  const count = () => rows.count(() => images.countImages(db));
  const createAll = (pictures: readonly NewPicture[]) =>
    run(async () => {
      const results = await rows.change([], () => createImages(connection, pictures));
      return results.map((result) =>
        result.status === 'fulfilled' ? result : { ...result, reason: storageError(result.reason, path) },
      );
    });
  return {
    create: async (image, added) => valueOf((await createAll([{ image, vectors: added }]))[0]!),
    createAll,
    byId: (id) => run(async () => (await byIds([id]))[0] ?? null),
    byHash: (sha256) => run(() => images.imageByHash(reader, sha256)),
    formatsByHash: (sha256s) => run(() => images.formatsByHash(db, sha256s)),
    byIds: (ids) => run(() => byIds(ids)),
    list: (page) => run(() => images.listImages(reader, page, { count, byIds })),
    idsMatching: (filter) => run(() => images.idsMatching(reader, filter)),
    count: () => run(count),
    hashes: (pageSize = 1000) => calls.pages(images.hashes(db, pageSize)),
    tag: (ids, add, remove) => run(() => rows.change(ids, () => images.tagImages(db, ids, add, remove))),
    update: (id, words) => run(() => rows.change([id], () => images.updateImage(db, id, words))),
    remove: (ids) => run(() => rows.change(ids, () => images.removeImages(db, ids))),
    tagCounts: () => run(() => images.tagCounts(reader)),
    cameraCounts: () => run(() => cameraCounts(reader)),
    months: (filter, orderBy) => run(() => months(reader, filter, orderBy)),
    countUnread: (withPlace) => run(() => cameraFacts.countUnread(reader, withPlace)),
    idsUnread: (withPlace, afterId, limit) =>
      run(() => cameraFacts.idsUnread(reader, withPlace, afterId, limit)),
    putFacts: (read) =>
      run(() =>
        rows.change(
          read.map(({ id }) => id),
          () => imageContent.putFacts(db, read),
        ),
      ),
    forgetPlaces: () =>
      run(() =>
        rows.change(
          (ids) => ids,
          () => imageContent.forgetPlaces(db),
        ),
      ),
    countStored: () => run(() => images.countStored(db)),
    setStored: (id, sha256) => run(() => rows.change([id], () => imageContent.setStored(db, id, sha256))),
    replaceContent: (picture, content, added) =>
      run(() => rows.change([picture.id], () => imageContent.replaceContent(db, picture, content, added))),
    settleMissing: (sha256s) => run(() => rows.change(idsOf, () => imageContent.settleMissing(db, sha256s))),
  };
}

function valueOf<Value>(result: PromiseSettledResult<Value>): Value {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/** SQLite would create a missing file even for a reader. */
async function assertThere(path: string): Promise<void> {
  if (!(await stat(path).catch(() => null))?.isFile()) {
    throw new AppError(
      'STORAGE_FAILED',
      `There is no database at ${path}. Start the server once to create it.`,
      {
        details: { path },
      },
    );
  }
}

function composeLibraries({
  db,
  reader,
  calls,
}: Pick<OpenCatalog, 'db' | 'reader'> & { readonly calls: CatalogCalls }): Catalog['libraries'] {
  const run = <Result>(task: () => Promise<Result>): Promise<Result> => calls.run(task);
  return {
    list: () => run(() => libraries.listLibraries(reader)),
    add: (library) => run(() => libraries.addLibrary(db, library)),
    byId: (id) => run(() => libraries.libraryById(reader, id)),
    setMarker: (id, marker) => run(() => libraries.setMarker(db, id, marker)),
    onlyHere: (id) => run(() => libraries.onlyHere(reader, id)),
    remove: (id) => run(() => libraries.removeLibrary(db, id)),
    setScanned: (id, at) => run(() => libraries.setScanned(db, id, at)),
    files: (id) => calls.pages(libraries.libraryFiles(reader, id)),
    putFiles: (id, files) => run(() => libraries.putFiles(db, id, files)),
    dropFiles: (id, paths) => run(() => libraries.dropFiles(db, id, paths)),
    places: (sha256s) => run(() => libraries.placesOf(reader, sha256s)),
    forgetMissing: (sha256) => run(() => libraries.forgetMissing(db, sha256)),
    wasRemoved: (sha256) => run(() => libraries.wasRemoved(reader, sha256)),
    counts: (id) => run(() => libraries.fileCounts(reader, id)),
    failures: (id, limit) => run(() => libraries.failedFiles(reader, id, limit)),
  };
}

function composeAlbums({
  db,
  reader,
  calls,
}: Pick<OpenCatalog, 'db' | 'reader'> & { readonly calls: CatalogCalls }): Catalog['albums'] {
  const run = <Result>(task: () => Promise<Result>): Promise<Result> => calls.run(task);
  return {
    list: (page) => run(() => albums.listAlbums(reader, page)),
    count: () => run(() => albums.countAlbums(reader)),
    byIds: (ids) => run(() => albums.albumsByIds(reader, ids)),
    ofImage: (imageId, limit) => run(() => albums.albumsOfImage(reader, imageId, limit)),
    create: (album, imageIds) => run(() => albums.createAlbum(db, album, imageIds)),
    update: (id, change) => run(() => albums.updateAlbum(db, id, change)),
    remove: (id) => run(() => albums.removeAlbum(db, id)),
    add: (id, place) => run(() => albums.addToAlbum(db, id, place)),
    move: (id, place) => run(() => albums.moveInAlbum(db, id, place)),
    take: (id, imageIds) => run(() => albums.takeFromAlbum(db, id, imageIds)),
  };
}
