import { Prisma } from './generated/client.js';
import { CHUNK, chunks, sqlTime, yieldToEventLoop, type Database } from './sql.js';
import { setFact } from './facts.js';
import type { Coverage, FailureRow, LabelledBlob, NewFailure, NewSpace, SpaceRow } from './vector-types.js';

/** The vector's bytes without a copy: float32 little-endian on every platform that our native packages support. */
export function bytesOf(vector: Float32Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(vector.buffer as ArrayBuffer, vector.byteOffset, vector.byteLength);
}

export function vectorOf({ buffer, byteOffset, byteLength }: Uint8Array): Float32Array {
  return byteOffset % Float32Array.BYTES_PER_ELEMENT === 0
    ? new Float32Array(buffer, byteOffset, byteLength / Float32Array.BYTES_PER_ELEMENT)
    : new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

export async function ensureSpace(db: Database, { id, modelId, dimension }: NewSpace): Promise<void> {
  await db.space.upsert({
    where: { id },
    create: { id, modelId, dimension, createdAt: new Date() },
    update: {},
  });
}

export async function spaces(db: Database): Promise<SpaceRow[]> {
  return db.space.findMany({ orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] });
}

export async function countVectors(db: Database, spaceId: string): Promise<number> {
  return db.vector.count({ where: { spaceId } });
}

export async function* vectors(
  db: Database,
  spaceId: string,
  pageSize: number,
): AsyncGenerator<LabelledBlob[]> {
  for (let after = 0; ; await yieldToEventLoop()) {
    // Raw: three times as fast as findMany for rows of this size.
    const rows = await db.$queryRaw<{ imageId: number; data: Uint8Array }[]>`
      SELECT imageId, data FROM vectors WHERE spaceId = ${spaceId} AND imageId > ${after} ORDER BY imageId LIMIT ${pageSize}`;
    if (rows.length > 0) yield rows.map(({ imageId, data }) => ({ id: imageId, vector: vectorOf(data) }));
    if (rows.length < pageSize) return;
    after = rows.at(-1)?.imageId ?? after;
  }
}

/** Leaves out images removed meanwhile, and deletes recorded reasons for having no vector. */
export async function putVectors(
  db: Database,
  spaceId: string,
  rows: readonly LabelledBlob[],
): Promise<void> {
  for (const chunk of chunks(rows)) {
    const values = chunk.map(({ id, vector }) => Prisma.sql`(${id}, ${bytesOf(vector)})`);
    await db.$transaction([
      db.$executeRaw`
        INSERT INTO vectors (imageId, spaceId, data)
        SELECT v.column1, ${spaceId}, v.column2 FROM (VALUES ${Prisma.join(values)}) AS v JOIN images AS i ON i.id = v.column1
        WHERE true ON CONFLICT (spaceId, imageId) DO UPDATE SET data = excluded.data`,
      db.embeddingFailure.deleteMany({ where: { spaceId, imageId: { in: chunk.map(({ id }) => id) } } }),
    ]);
    if (chunk.length > 1) await yieldToEventLoop();
  }
}

export async function idsWithoutVector(
  db: Database,
  spaceId: string,
  afterId: number,
  limit: number,
): Promise<number[]> {
  const rows = await db.$queryRaw<{ id: number }[]>`
    SELECT i.id FROM images AS i
    WHERE i.id > ${afterId} AND NOT EXISTS (SELECT 1 FROM vectors AS v WHERE v.spaceId = ${spaceId} AND v.imageId = i.id)
    ORDER BY i.id LIMIT ${limit}`;
  return rows.map(({ id }) => id);
}

export async function recordFailure(
  db: Database,
  { imageId, spaceId, code, message }: NewFailure,
): Promise<void> {
  await db.$executeRaw`
    INSERT INTO embedding_failures (imageId, spaceId, code, message, createdAt)
    SELECT id, ${spaceId}, ${code}, ${message}, ${sqlTime(new Date())} FROM images WHERE id = ${imageId}
    ON CONFLICT (spaceId, imageId) DO UPDATE
    SET code = excluded.code, message = excluded.message, createdAt = excluded.createdAt`;
}

export async function countFailures(db: Database, spaceId: string): Promise<number> {
  return db.embeddingFailure.count({ where: { spaceId } });
}

export async function failures(
  db: Database,
  spaceId: string,
  afterId: number,
  limit: number,
): Promise<FailureRow[]> {
  return db.embeddingFailure.findMany({
    where: { spaceId, imageId: { gt: afterId } },
    orderBy: { imageId: 'asc' },
    take: limit,
  });
}

/** A recorded reason does not count if the vector exists. */
export async function coverage(db: Pick<Database, '$queryRaw'>, spaceId: string): Promise<Coverage> {
  const [row] = await db.$queryRaw<[{ images: bigint; vectors: bigint; failed: bigint }]>`
    SELECT
      (SELECT count(*) FROM images) AS images,
      (SELECT count(*) FROM vectors WHERE spaceId = ${spaceId}) AS vectors,
      (SELECT count(*) FROM embedding_failures AS f WHERE f.spaceId = ${spaceId}
        AND NOT EXISTS (SELECT 1 FROM vectors AS v WHERE v.spaceId = f.spaceId AND v.imageId = f.imageId)) AS failed`;
  const [images, vectors, failed] = [Number(row.images), Number(row.vectors), Number(row.failed)];
  return { images, vectors, failed, pending: images - vectors - failed };
}

export async function idsPending(
  db: Database,
  spaceId: string,
  afterId: number,
  limit: number,
): Promise<number[]> {
  const rows = await db.$queryRaw<{ id: number }[]>`
    SELECT i.id FROM images AS i
    WHERE i.id > ${afterId}
      AND NOT EXISTS (SELECT 1 FROM vectors AS v WHERE v.spaceId = ${spaceId} AND v.imageId = i.id)
      AND NOT EXISTS (SELECT 1 FROM embedding_failures AS f WHERE f.spaceId = ${spaceId} AND f.imageId = i.id)
    ORDER BY i.id LIMIT ${limit}`;
  return rows.map(({ id }) => id);
}

export async function setFactsWhenCovered(
  db: Database,
  spaceId: string,
  facts: Readonly<Record<string, string | null>>,
): Promise<Coverage> {
  return db.$transaction(async (tx) => {
    const covered = await coverage(tx, spaceId);
    if (covered.pending === 0)
      for (const [key, value] of Object.entries(facts)) await setFact(tx, key, value);
    return covered;
  });
}

export async function clearSpace(db: Database, spaceId: string): Promise<void> {
  for (let gone = 1; gone > 0; await yieldToEventLoop()) {
    gone = await db.$executeRaw`
      DELETE FROM vectors WHERE spaceId = ${spaceId}
        AND imageId IN (SELECT imageId FROM vectors WHERE spaceId = ${spaceId} LIMIT ${CHUNK})`;
  }
  for (let gone = 1; gone > 0; await yieldToEventLoop()) {
    gone = await db.$executeRaw`
      DELETE FROM embedding_failures WHERE spaceId = ${spaceId}
        AND imageId IN (SELECT imageId FROM embedding_failures WHERE spaceId = ${spaceId} LIMIT ${CHUNK})`;
  }
}

export async function removeSpace(db: Database, spaceId: string): Promise<boolean> {
  await clearSpace(db, spaceId);
  return (await db.space.deleteMany({ where: { id: spaceId } })).count > 0;
}
