/** What this page keeps with an entry of the browser's history. */
export interface Entry {
  /** Names the entry, for the place it was scrolled to. A page that was opened from outside has none. */
  readonly key?: string;
  /** The page stays where it is scrolled to: the same list with other settings, say. */
  readonly keepScroll?: boolean;
  /** A picture that was opened from this page, not by its address: closing it goes back. */
  readonly shownHere?: boolean;
}

/** The state of the current entry; another page's script may have left anything there. */
export function currentEntry(): Entry {
  const state: unknown = history.state;
  return typeof state === 'object' && state !== null ? state : {};
}
