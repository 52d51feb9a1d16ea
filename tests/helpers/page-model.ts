import type { Page, PageRequest } from '../../src/lib/cursor.js';

/** An entry of a plain list in its order; one that is gone still has its place, and clients its cursor. */
export interface ModelEntry<Id> {
  readonly id: Id;
  readonly cursor: string;
  readonly gone: boolean;
}

/** One random request: either end or none, towards either side, any size. */
export interface ModelRequest {
  readonly after: number | undefined;
  readonly before: number | undefined;
  readonly size: number;
  readonly fromEnd: boolean;
}

export function randomRequest(random: () => number, length: number): ModelRequest {
  const place = (): number | undefined =>
    random() < 0.4 || length === 0 ? undefined : Math.floor(random() * length);
  return {
    after: place(),
    before: place(),
    size: 1 + Math.floor(random() * (length + 2)),
    fromEnd: random() < 0.5,
  };
}

export function toRequest<Id>(
  entries: readonly ModelEntry<Id>[],
  { after, before, size, fromEnd }: ModelRequest,
): PageRequest {
  const ends = {
    after: after === undefined ? undefined : entries[after]?.cursor,
    before: before === undefined ? undefined : entries[before]?.cursor,
  };
  return fromEnd ? { ...ends, last: size } : { ...ends, first: size };
}

/** The Relay Cursor Connections Specification, word for word, over a plain list. */
export function expectedPage<Id>(
  entries: readonly ModelEntry<Id>[],
  { after, before, size, fromEnd }: ModelRequest,
): { ids: Id[]; hasNextPage: boolean; hasPreviousPage: boolean; totalCount: number } {
  const there = entries.map((entry, place) => ({ ...entry, place })).filter(({ gone }) => !gone);
  const between = there.filter(
    ({ place }) => (after === undefined || place > after) && (before === undefined || place < before),
  );
  const shown = fromEnd ? between.slice(Math.max(0, between.length - size)) : between.slice(0, size);
  const isCut = between.length > size;
  return {
    ids: shown.map(({ id }) => id),
    hasNextPage: (!fromEnd && isCut) || (before !== undefined && there.some(({ place }) => place >= before)),
    hasPreviousPage: (fromEnd && isCut) || (after !== undefined && there.some(({ place }) => place <= after)),
    totalCount: there.length,
  };
}

export const seenPage = <Entry extends { readonly id: unknown }>({ edges, ...page }: Page<Entry>) => ({
  ids: edges.map(({ node }) => node.id),
  ...page,
});
