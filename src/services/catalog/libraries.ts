import { AppError } from '../../errors.js';
import { foldText } from '../../lib/text.js';
import { Prisma } from './generated/client.js';
import type {
  KnownFileRow,
  LibraryFileRow,
  LibraryFileState,
  LibraryPlace,
  LibraryRow,
  NewLibrary,
} from './library-types.js';
import type { Reader } from './reader.js';
import { chunks, jsonList, sqlTime, yieldToEventLoop, type Database } from './sql.js';

type RawLibrary = Omit<LibraryRow, 'tags' | 'exclude' | 'createdAt' | 'scannedAt'> & {
  readonly tags: string;
  readonly exclude: string;
  readonly createdAt: string;
  readonly scannedAt: string | null;
};

const toLibrary = ({ tags, exclude, createdAt, scannedAt, ...library }: RawLibrary): LibraryRow => ({
  ...library,
  tags: JSON.parse(tags) as string[],
  exclude: JSON.parse(exclude) as string[],
  createdAt: new Date(createdAt),
  scannedAt: scannedAt === null ? null : new Date(scannedAt),
});

const LIBRARY = Prisma.sql`id, name, root, marker, tags, exclude, createdAt, scannedAt`;

export async function listLibraries(reader: Reader): Promise<LibraryRow[]> {
  const rows = await reader.rows<RawLibrary>(Prisma.sql`SELECT ${LIBRARY} FROM libraries ORDER BY id`);
  return rows.map(toLibrary);
}

export async function libraryById(reader: Reader, id: number): Promise<LibraryRow> {
  const [row] = await reader.rows<RawLibrary>(Prisma.sql`SELECT ${LIBRARY} FROM libraries WHERE id = ${id}`);
  if (row === undefined) throw new AppError('LIBRARY_NOT_FOUND', 'There is no library with this id.');
  return toLibrary(row);
}

export async function setMarker(db: Database, id: number, marker: string | null): Promise<void> {
  await db.$executeRaw`UPDATE libraries SET marker = ${marker} WHERE id = ${id}`;
}

export async function addLibrary(
  db: Database,
  { name, root, marker, tags, exclude }: NewLibrary,
): Promise<LibraryRow> {
  const createdAt = new Date();
  const [added] = await db.$queryRaw<{ id: number }[]>`
    INSERT INTO libraries (name, root, marker, tags, exclude, createdAt)
    VALUES (${name}, ${root}, ${marker}, ${JSON.stringify(tags)}, ${JSON.stringify(exclude)}, ${sqlTime(createdAt)})
    ON CONFLICT DO NOTHING RETURNING id`;
  if (added === undefined) {
    throw new AppError('BAD_USER_INPUT', 'This folder is already a library.', {
      details: { path: 'path', rule: 'a folder that is not a library yet' },
    });
  }
  return { id: Number(added.id), name, root, marker, tags, exclude, createdAt, scannedAt: null };
}

export async function onlyHere(reader: Reader, id: number): Promise<number[]> {
  const rows = await reader.rows<{ id: number }>(Prisma.sql`
    SELECT i.id FROM images AS i WHERE NOT i.stored
      AND (EXISTS (SELECT 1 FROM library_files AS f WHERE f.sha256 = i.sha256 AND f.libraryId = ${id})
        OR (NOT EXISTS (SELECT 1 FROM libraries WHERE id <> ${id})
          AND NOT EXISTS (SELECT 1 FROM library_files AS f WHERE f.sha256 = i.sha256)))
      AND NOT EXISTS (SELECT 1 FROM library_files AS f
        WHERE f.sha256 = i.sha256 AND f.libraryId <> ${id} AND f.state IN ('PRESENT', 'MISSING'))`);
  return rows.map((row) => row.id);
}

export async function removeLibrary(db: Database, id: number): Promise<boolean> {
  return (await db.$executeRaw`DELETE FROM libraries WHERE id = ${id}`) > 0;
}

export async function setScanned(db: Database, id: number, at: Date): Promise<void> {
  await db.$executeRaw`UPDATE libraries SET scannedAt = ${sqlTime(at)} WHERE id = ${id}`;
}

type RawFile = Omit<LibraryFileRow, 'failure'> & {
  readonly hasPicture: number;
  readonly code: string | null;
  readonly message: string | null;
};

const FILE = Prisma.sql`path, size, mtimeMs, sha256, state, code, message,
  EXISTS (SELECT 1 FROM images AS i WHERE i.sha256 = library_files.sha256) AS hasPicture`;

const toFile = ({ code, message, hasPicture, ...file }: RawFile): KnownFileRow => ({
  ...file,
  hasPicture: Number(hasPicture) === 1,
  failure: code === null ? null : { code, message: message ?? '' },
});

const FILES_AT_ONCE = 2000;

export async function* libraryFiles(reader: Reader, id: number): AsyncGenerator<KnownFileRow[]> {
  for (let after = ''; ; await yieldToEventLoop()) {
    const rows = await reader.rows<RawFile>(Prisma.sql`
      SELECT ${FILE} FROM library_files WHERE libraryId = ${id} AND path > ${after} ORDER BY path LIMIT ${FILES_AT_ONCE}`);
    if (rows.length > 0) yield rows.map(toFile);
    if (rows.length < FILES_AT_ONCE) return;
    after = rows.at(-1)?.path ?? after;
  }
}

export async function putFiles(db: Database, id: number, files: readonly LibraryFileRow[]): Promise<void> {
  for (const chunk of chunks(files)) {
    const rows = chunk.map(({ path, size, mtimeMs, sha256, state, failure }) => [
      path,
      foldText(path),
      size,
      mtimeMs,
      sha256,
      state,
      failure?.code ?? null,
      failure?.message ?? null,
    ]);
    await db.$executeRaw`
      INSERT OR REPLACE INTO library_files (libraryId, path, pathKey, size, mtimeMs, sha256, state, code, message)
      SELECT ${id}, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7
      FROM json_each(${JSON.stringify(rows)}) WHERE EXISTS (SELECT 1 FROM libraries WHERE id = ${id})`;
    if (files.length > chunk.length) await yieldToEventLoop();
  }
}

export async function dropFiles(db: Database, id: number, paths: readonly string[]): Promise<void> {
  for (const chunk of chunks(paths, FILES_AT_ONCE)) {
    await db.$executeRaw`
      DELETE FROM library_files WHERE libraryId = ${id} AND path IN (SELECT value FROM json_each(${jsonList(chunk)}))`;
    if (paths.length > chunk.length) await yieldToEventLoop();
  }
}

export async function placesOf(
  reader: Reader,
  sha256s: readonly string[],
): Promise<Map<string, LibraryPlace[]>> {
  const rows = await reader.rows<LibraryPlace & { sha256: string }>(Prisma.sql`
    SELECT f.sha256, f.libraryId, l.name AS libraryName, l.root, f.path, f.state
    FROM library_files AS f JOIN libraries AS l ON l.id = f.libraryId
    WHERE f.sha256 IN (SELECT value FROM json_each(${jsonList(sha256s)})) AND f.state IN ('PRESENT', 'MISSING')
    ORDER BY f.state DESC, f.libraryId, f.path`);
  const places = new Map<string, LibraryPlace[]>();
  for (const { sha256, ...place } of rows) places.set(sha256, [...(places.get(sha256) ?? []), place]);
  return places;
}

export async function forgetMissing(db: Database, sha256: string): Promise<void> {
  await db.$executeRaw`DELETE FROM library_files WHERE sha256 = ${sha256} AND state = 'MISSING'`;
}

export async function wasRemoved(reader: Reader, sha256: string): Promise<boolean> {
  const rows = await reader.rows(
    Prisma.sql`SELECT 1 FROM library_files WHERE sha256 = ${sha256} AND state = 'REMOVED' LIMIT 1`,
  );
  return rows.length > 0;
}

export async function fileCounts(reader: Reader, id: number): Promise<Record<LibraryFileState, number>> {
  const rows = await reader.rows<{ state: LibraryFileState; count: number }>(Prisma.sql`
    SELECT state, count(*) AS count FROM library_files WHERE libraryId = ${id} GROUP BY state`);
  const counts = { PRESENT: 0, MISSING: 0, REMOVED: 0, FAILED: 0 };
  for (const { state, count } of rows) counts[state] = count;
  return counts;
}

export async function failedFiles(reader: Reader, id: number, limit: number): Promise<LibraryFileRow[]> {
  const rows = await reader.rows<RawFile>(Prisma.sql`
    SELECT ${FILE} FROM library_files WHERE state = 'FAILED' AND libraryId = ${id} ORDER BY path LIMIT ${limit}`);
  return rows.map(toFile);
}
