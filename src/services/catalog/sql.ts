import type { PrismaClient } from './generated/client.js';

export type Database = PrismaClient;

/** Rows of a bulk write that go in one statement; the event loop gets its turn between two. */
export const CHUNK = 200;

/**
 * An instant as Prisma's adapter writes it, for raw SQL: ISO text of one length, so that text order is time order.
 * A year of more than four digits would break that; nothing is that late.
 */
export function sqlTime(date: Date): string {
  const latest = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
  return new Date(Math.min(date.getTime(), latest)).toISOString().replace('Z', '+00:00');
}

/** A list as one parameter, for `json_each`: no limit on its length, and one statement text for every length. */
export function jsonList(values: readonly (number | string)[]): string {
  return JSON.stringify(values);
}

/** SQLite works on this thread; this lets whatever waits run before the next chunk. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function* chunks<Item>(items: readonly Item[], size = CHUNK): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
