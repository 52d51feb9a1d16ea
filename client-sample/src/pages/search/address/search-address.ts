import type { GalleryFilter } from '../../../gql/graphql';

/** What is searched by. */
export type Source =
  /** A picture of the gallery. */
  | { readonly kind: 'image'; readonly id: string }
  /** An earlier search, by the id the server gave it. */
  | { readonly kind: 'search'; readonly id: string }
  /** A picture of this browser whose search has not come back yet. */
  | { readonly kind: 'file'; readonly id: string };

/** A search as its address says it. */
export interface SearchView {
  readonly source: Source | null;
  /** How many matches. */
  readonly count: number;
  /** 0 to 1. */
  readonly minimum: number;
  readonly tags: readonly string[];
  /** Whether a match has to have all of the tags, or one of them. */
  readonly match: 'all' | 'any';
  /** The match that is shown large. */
  readonly shown: string | null;
}

export const DEFAULT_COUNT = 24;
export const MAX_COUNT = 999; // and one more, for the query itself

const KINDS = ['image', 'search', 'file'] as const;

function numberIn(value: string | null, fallback: number, least: number, most: number): number {
  const number = value === null || value === '' ? NaN : Number(value);
  return Number.isFinite(number) ? Math.min(most, Math.max(least, number)) : fallback;
}

export function readView(address: URLSearchParams): SearchView {
  const kind = KINDS.find((one) => address.get(one));
  const id = kind === undefined ? null : address.get(kind);
  return {
    source: kind === undefined || id === null ? null : { kind, id },
    count: Math.round(numberIn(address.get('k'), DEFAULT_COUNT, 1, MAX_COUNT)),
    minimum: numberIn(address.get('min'), 0, 0, 1),
    tags: [...new Set((address.get('tags') ?? '').split(',').filter((tag) => tag !== ''))],
    match: address.get('match') === 'any' ? 'any' : 'all',
    shown: address.get('show'),
  };
}

/** The shortest address of a search; a comma is readable in it, so it stays one. */
export function writeView({ source, count, minimum, tags, match, shown }: SearchView): string {
  const address = new URLSearchParams();
  if (source !== null) address.set(source.kind, source.id);
  if (count !== DEFAULT_COUNT) address.set('k', String(count));
  if (minimum > 0) address.set('min', String(Math.round(minimum * 1000) / 1000));
  if (tags.length > 0) address.set('tags', tags.join(','));
  if (match === 'any' && tags.length > 0) address.set('match', 'any');
  if (shown !== null) address.set('show', shown);
  return `?${address.toString().replaceAll('%2C', ',')}`;
}

/** Null when nothing is filtered. */
export function toFilter({ tags, match }: Pick<SearchView, 'tags' | 'match'>): GalleryFilter | null {
  if (tags.length === 0) return null;
  return match === 'any' ? { anyTags: [...tags] } : { tags: [...tags] };
}
