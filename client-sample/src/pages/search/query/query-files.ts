import type { Source } from '../address/search-address';
import { keep, keptByKey, keptBySearch, type KeptFile } from './kept-files';

/** A picture of the visitor that was searched by in this visit. */
export interface QueryFile {
  readonly key: string;
  readonly file: File;
  /** Null for what was pasted. */
  readonly name: string | null;
  /** For an `<img>`; there before anything else is. */
  readonly url: string;
  /** How many pictures came together; this is the first of them. */
  readonly several: number;
}

/** This many are held in memory; earlier ones are read from the browser's database again. */
const MOST = 20;

const files = new Map<string, QueryFile>();
const keyBySearch = new Map<string, string>();
const names = new Map<string, string>();

function remember(entry: QueryFile): QueryFile {
  files.set(entry.key, entry);
  for (const [key, { url }] of files) {
    if (files.size <= MOST) break;
    URL.revokeObjectURL(url);
    files.delete(key);
  }
  return entry;
}

let count = 0;

/** Takes a file as a query. What comes back can be shown at once. */
export function takeFile(file: File, name: string | null, several: number): QueryFile {
  // Unique among the visits of this browser; `randomUUID` is only there over HTTPS.
  const key = `${Date.now().toString(36)}${(count++).toString(36)}`;
  const entry = remember({ key, file, name, several, url: URL.createObjectURL(file) });
  // Not before the picture is on the page.
  setTimeout(() => {
    // By then its search may have come back, and it is kept under its id.
    if (![...keyBySearch.values()].includes(key)) void keep({ key, file, name, keptAt: Date.now() });
  }, 100);
  return entry;
}

/** The server gave the search of this file an id, which is the source from now on. */
export function fileWasSearched(source: Source, { key, file, name }: QueryFile, searchId: string): void {
  names.set(`search:${searchId}`, queryName(source));
  keyBySearch.set(searchId, key);
  void keep({ key, file, name, searchId, keptAt: Date.now() });
}

/** What is in memory. */
export function fileOf(source: Source): QueryFile | null {
  const key = keyOf(source);
  return (key === undefined ? undefined : files.get(key)) ?? null;
}

function keyOf({ kind, id }: Source): string | undefined {
  if (kind === 'image') return undefined;
  return kind === 'file' ? id : keyBySearch.get(id);
}

/** What this browser has kept; null when it has not. */
export async function findFile(source: Source): Promise<QueryFile | null> {
  if (source.kind === 'image') return null;
  const kept: KeptFile | null =
    source.kind === 'file' ? await keptByKey(source.id) : await keptBySearch(source.id);
  if (kept === null) return null;
  if (source.kind === 'search') keyBySearch.set(source.id, kept.key);
  const { key, file, name } = kept;
  return files.get(key) ?? remember({ key, file, name, several: 1, url: URL.createObjectURL(file) });
}

/** One name for a query under all its addresses: it keeps it when its search gets an id. */
export function queryName({ kind, id }: Source): string {
  const name = `${kind}:${id}`;
  return names.get(name) ?? name;
}

/** The ids of this visit's searches by pictures of the gallery. */
export const searchByImage = new Map<string, string>();
