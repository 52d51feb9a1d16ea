interface Place {
  readonly id: string | null;
  readonly index: number;
}

/**
 * What to show large. In place of a picture that has left the list, the one that is there now; null when there is none.
 *
 * @param asked what the address says
 * @param last what was shown last, and where in the list; -1 for a picture that was not in it
 * @param ids the list as far as it has been loaded
 * @param total its length when all of it is loaded
 */
export function shownNow(asked: string | null, last: Place, ids: readonly string[], total: number): Place {
  const index = asked === null ? -1 : ids.indexOf(asked);
  const hasLeft =
    asked !== null &&
    index === -1 &&
    asked === last.id &&
    last.index !== -1 &&
    // Otherwise it may come with what has not been loaded yet.
    (last.index < ids.length || ids.length >= total);
  if (!hasLeft) return { id: asked, index };
  const at = Math.min(last.index, ids.length - 1);
  return { id: ids[at] ?? null, index: at };
}
