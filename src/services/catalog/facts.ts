import type { Database } from './sql.js';

export async function fact(db: Database, key: string): Promise<string | null> {
  return (await db.meta.findUnique({ where: { key } }))?.value ?? null;
}

/** Null removes the fact. */
export async function setFact(db: Pick<Database, 'meta'>, key: string, value: string | null): Promise<void> {
  if (value === null) await db.meta.deleteMany({ where: { key } });
  else await db.meta.upsert({ where: { key }, create: { key, value }, update: { value } });
}
