import { useLayoutEffect } from 'react';
import { useHistoryState } from 'wouter/use-browser-location';
import { currentEntry } from './entry';

const STORED = 'likeness.scroll';

/** Where each entry of the history was scrolled to; kept for a reload. */
const positions = JSON.parse(sessionStorage.getItem(STORED) ?? '{}') as Record<string, number>;
const keyOf = ({ key = 'first' } = currentEntry()): string => key;

/** The entry that is shown, which `history.state` no longer names once "back" was pressed. */
let shown = keyOf();
/** Whether that entry was returned to, or reloaded. */
let returned = true;

/** To be called before another entry is made. */
export function leaveEntry(): void {
  positions[shown] = window.scrollY;
  returned = false;
}

// A browser restores the position before a page is drawn that is as long as it was.
history.scrollRestoration = 'manual';
addEventListener('popstate', () => {
  positions[shown] = window.scrollY;
  returned = true;
});
addEventListener('pagehide', () => {
  positions[shown] = window.scrollY;
  sessionStorage.setItem(STORED, JSON.stringify(positions));
});

/** Belongs beside the page, so that it is called once that is drawn: back to where it was, or to its beginning. */
export function ScrollPosition() {
  const key = keyOf(useHistoryState<ReturnType<typeof currentEntry> | null>() ?? {});
  useLayoutEffect(() => {
    shown = key;
    if (returned) window.scrollTo(0, positions[key] ?? 0);
    else if (currentEntry().keepScroll !== true) {
      const target = location.hash === '' ? null : document.getElementById(location.hash.slice(1));
      if (target === null) window.scrollTo(0, 0);
      else target.scrollIntoView();
    }
  }, [key]);
  return null;
}
