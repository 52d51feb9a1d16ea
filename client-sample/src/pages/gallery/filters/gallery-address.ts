import type { GalleryFilter, GalleryOrder } from '../../../gql/graphql';

/** What the gallery shows, as its address says it. */
export interface GalleryView {
  /** The id of an album; empty for the whole gallery. */
  readonly album: string;
  readonly text: string;
  readonly tags: readonly string[];
  readonly anyTags: readonly string[];
  /** Days as yyyy-mm-dd in the visitor's own time; both are included. */
  readonly from: string;
  readonly to: string;
  readonly order: GalleryOrder;
}

export const NO_FILTER = { text: '', tags: [], anyTags: [], from: '', to: '' } satisfies Partial<GalleryView>;

export const ORDERS = ['ALBUM', 'NEWEST', 'OLDEST', 'TITLE'] as const satisfies readonly GalleryOrder[];

/** The first of them is the usual one. */
export const ordersOf = ({ album }: Pick<GalleryView, 'album'>): readonly GalleryOrder[] =>
  album === '' ? ORDERS.slice(1) : ORDERS;

const usualOrder = (view: Pick<GalleryView, 'album'>): GalleryOrder =>
  view.album === '' ? 'NEWEST' : 'ALBUM';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const day = (value: string | null): string =>
  value !== null && DAY.test(value) && !Number.isNaN(Date.parse(value)) ? value : '';

export function readView(address: URLSearchParams): GalleryView {
  const order = address.get('sort')?.toUpperCase();
  const album = address.get('album') ?? '';
  return {
    album,
    text: address.get('q') ?? '',
    tags: address.getAll('tag'),
    anyTags: address.getAll('any'),
    from: day(address.get('from')),
    to: day(address.get('to')),
    order: ordersOf({ album }).find((one) => one === order) ?? usualOrder({ album }),
  };
}

/** The shortest address of a view. */
export function writeView({ album, text, tags, anyTags, from, to, order }: GalleryView): URLSearchParams {
  const address = new URLSearchParams();
  if (album !== '') address.set('album', album);
  if (text !== '') address.set('q', text);
  for (const tag of tags) address.append('tag', tag);
  for (const tag of anyTags) address.append('any', tag);
  if (from !== '') address.set('from', from);
  if (to !== '') address.set('to', to);
  if (order !== usualOrder({ album })) address.set('sort', order.toLowerCase());
  return address;
}

/** Midnight where the visitor is. */
function startOf(isoDay: string, plusDays = 0): Date {
  const [year = 0, month = 1, date = 1] = isoDay.split('-').map(Number);
  return new Date(year, month - 1, date + plusDays);
}

/** Whether anything beside the album is filtered. */
export const isFiltered = (view: GalleryView): boolean => toFilter({ ...view, album: '' }) !== null;

/** Null when nothing is filtered. Only what is set has a key: the cache keeps lists apart by it. */
export function toFilter({ album, text, tags, anyTags, from, to }: GalleryView): GalleryFilter | null {
  const filter: GalleryFilter = {
    ...(album !== '' && { album }),
    ...(text.trim() !== '' && { text: text.trim() }),
    ...(tags.length > 0 && { tags: [...tags] }),
    ...(anyTags.length > 0 && { anyTags: [...anyTags] }),
    ...(from !== '' && { createdAfter: startOf(from).toISOString() }),
    ...(to !== '' && { createdBefore: startOf(to, 1).toISOString() }),
  };
  return Object.keys(filter).length === 0 ? null : filter;
}

interface Filterable {
  readonly title: string;
  readonly tags: readonly string[];
  readonly createdAt: string;
}

/** Whether a picture that has just been added belongs to the list, as the server would say. */
export function passes(filter: GalleryFilter | null, { title, tags, createdAt }: Filterable): boolean {
  if (filter === null) return true;
  if (filter.album != null) return false; // it is put there later, if at all
  const text = filter.text?.toLowerCase();
  const added = Date.parse(createdAt);
  return (
    (text === undefined ||
      title.toLowerCase().includes(text) ||
      tags.some((tag) => tag.toLowerCase().includes(text))) &&
    (filter.tags ?? []).every((tag) => tags.includes(tag)) &&
    (!filter.anyTags?.length || filter.anyTags.some((tag) => tags.includes(tag))) &&
    (!filter.createdAfter || added >= Date.parse(filter.createdAfter)) &&
    (!filter.createdBefore || added < Date.parse(filter.createdBefore))
  );
}
