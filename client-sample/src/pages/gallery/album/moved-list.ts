/** Where pictures of an album go: before which one of those that do not move, or to its end. */
export interface Move {
  readonly images: readonly string[];
  /** Null for the end. */
  readonly before: string | null;
}

/**
 * Pictures moved by one place, as a block that stays in its order.
 * @param moved some of the list, in its order
 * @param list the album as far as it is loaded
 * @param isWhole whether that is all of it
 * @returns null where there is no place to go, or none that is known yet
 */
export function moveByOne(
  list: readonly string[],
  moved: readonly string[],
  direction: 'earlier' | 'later',
  isWhole: boolean,
): Move | null {
  const places = moved.map((id) => list.indexOf(id));
  const [first, last] = [Math.min(...places), Math.max(...places)];
  if (moved.length === 0 || first < 0) return null;
  if (direction === 'earlier') {
    const before = list[first - 1];
    return before === undefined ? null : { images: moved, before };
  }
  if (list[last + 1] === undefined) return null;
  const before = list[last + 2];
  return before === undefined && !isWhole ? null : { images: moved, before: before ?? null };
}

/** A picture moved to the place of another one. @returns as `moveByOne` */
export function moveTo(list: readonly string[], from: number, to: number, isWhole: boolean): Move | null {
  const [moved, target] = [list[from], list[to]];
  if (moved === undefined || target === undefined || from === to) return null;
  if (to < from) return { images: [moved], before: target };
  const before = list[to + 1];
  return before === undefined && !isWhole ? null : { images: [moved], before: before ?? null };
}

/** The list as it is after the move. */
export function afterMove<Item>(
  list: readonly Item[],
  { images, before }: Move,
  idOf: (item: Item) => string | undefined,
): Item[] {
  const places = new Map(images.map((id, i) => [id, i]));
  const placeOf = (item: Item): number | undefined => places.get(idOf(item) ?? '');
  const moved = list
    .filter((item) => placeOf(item) !== undefined)
    .sort((a, b) => (placeOf(a) ?? 0) - (placeOf(b) ?? 0));
  const rest = list.filter((item) => placeOf(item) === undefined);
  const at = before === null ? rest.length : rest.findIndex((item) => idOf(item) === before);
  return [...rest.slice(0, at), ...moved, ...rest.slice(at)];
}
