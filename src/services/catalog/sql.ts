import type { PrismaClient } from './generated/client.js';

export type Database = PrismaClient;

/** Rows per statement of a bulk write; the event loop runs between two. */
export const CHUNK = 200;

/**
 * An instant as Prisma's adapter writes it, for raw SQL: ISO text of fixed length, so that text order is time order.
 * Only years of more than four digits would break that.
 */
export function sqlTime(date: Date): string {
  const latest = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
  return new Date(Math.min(date.getTime(), latest)).toISOString().replace('Z', '+00:00');
}

/** A list as one parameter for `json_each`: any length, with the same statement text. */
export function jsonList(values: readonly (number | string)[]): string {
  return JSON.stringify(values);
}

/** SQLite runs on this thread; this lets other work run before the next chunk. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function* chunks<Item>(items: readonly Item[], size = CHUNK): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
