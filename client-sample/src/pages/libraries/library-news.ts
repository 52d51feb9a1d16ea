import type { Library } from './use-libraries';

/** Work that this page has started and whose end it has not announced yet. */
export interface Begun {
  /** By the id of the library: when the scan before it ended. */
  readonly scans: ReadonlyMap<string, string | null>;
  /** By the id of the library: its name, which is needed when the library is gone. */
  readonly removals: ReadonlyMap<string, string>;
}

export const NOTHING_BEGUN: Begun = { scans: new Map(), removals: new Map() };

export interface LibraryNews {
  /** Names of libraries that were scanned to the end, and of those that are gone. */
  readonly scanned: readonly string[];
  readonly removed: readonly string[];
  readonly left: Begun;
}

type Seen = Pick<Library, 'id' | 'name' | 'scannedAt' | 'scan' | 'removal'>;

/** Which of that work has ended, judging by the libraries as they are now. */
export function newsOf({ scans, removals }: Begun, libraries: readonly Seen[]): LibraryNews {
  const byId = new Map(libraries.map((library) => [library.id, library]));
  const scanned: string[] = [];
  const leftScans = new Map<string, string | null>();
  for (const [id, before] of scans) {
    const library = byId.get(id);
    if (library === undefined) continue;
    if (library.scan !== null || library.scannedAt === before) leftScans.set(id, before);
    else scanned.push(library.name);
  }
  const removed: string[] = [];
  const leftRemovals = new Map<string, string>();
  for (const [id, name] of removals) {
    const library = byId.get(id);
    if (library === undefined) removed.push(name);
    else if (library.removal !== null) leftRemovals.set(id, name); // else it was cut short, and the card shows the library
  }
  return { scanned, removed, left: { scans: leftScans, removals: leftRemovals } };
}
