import type { Database } from './sql.js';

/** Lets SQLite check the file, the references, and each vector's size. Reads the whole database. */
export async function integrityProblems(db: Database): Promise<string[]> {
  const pages = await db.$queryRaw<{ integrity_check: string }[]>`PRAGMA integrity_check`;
  const references = await db.$queryRaw<{ table: string; parent: string; count: bigint }[]>`
    SELECT "table", parent, count(*) AS count FROM pragma_foreign_key_check GROUP BY "table", parent`;
  const sizes = await db.$queryRaw<{ imageId: number; spaceId: string }[]>`
    SELECT v.imageId, v.spaceId FROM vectors AS v JOIN spaces AS s ON s.id = v.spaceId
    WHERE length(v.data) <> 4 * s.dimension LIMIT 100`;
  return [
    ...pages.map((row) => row.integrity_check).filter((message) => message !== 'ok'),
    ...references.map(({ table, parent, count }) => `${count} rows of ${table} refer to missing ${parent}`),
    ...sizes.map(
      ({ imageId, spaceId }) => `image ${imageId}: its vector does not have the size of space ${spaceId}`,
    ),
  ];
}
