import type { GalleryFilter, GalleryOrder } from '../../../gql/graphql';
import { foldText } from '../../../lib/fold-text';

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
  /** The id of a library; empty for pictures wherever they are. */
  readonly library: string;
  /** Only those whose file is missing. */
  readonly missing: boolean;
  readonly order: GalleryOrder;
}

export const NO_FILTER = {
  text: '',
  tags: [],
  anyTags: [],
  from: '',
  to: '',
  library: '',
  missing: false,
} satisfies Partial<GalleryView>;

export const ORDERS = ['ALBUM', 'NEWEST', 'OLDEST', 'TITLE'] as const satisfies readonly GalleryOrder[];

/** The first of them is the usual one. */
export const ordersOf = ({ album }: Pick<GalleryView, 'album'>): readonly (typeof ORDERS)[number][] =>
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
    library: address.get('library') ?? '',
    missing: address.get('missing') === 'true',
    order: ordersOf({ album }).find((one) => one === order) ?? usualOrder({ album }),
  };
}

/** The shortest address of a view. */
export function writeView(view: GalleryView): URLSearchParams {
  const { album, text, tags, anyTags, from, to, library, missing, order } = view;
  const address = new URLSearchParams();
  if (album !== '') address.set('album', album);
  if (text !== '') address.set('q', text);
  for (const tag of tags) address.append('tag', tag);
  for (const tag of anyTags) address.append('any', tag);
  if (from !== '') address.set('from', from);
  if (to !== '') address.set('to', to);
  if (library !== '') address.set('library', library);
  if (missing) address.set('missing', 'true');
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
export function toFilter(view: GalleryView): GalleryFilter | null {
  const { album, text, tags, anyTags, from, to, library, missing } = view;
  const filter: GalleryFilter = {
    ...(album !== '' && { album }),
    ...(text.trim() !== '' && { text: text.trim() }),
    ...(tags.length > 0 && { tags: [...tags] }),
    ...(anyTags.length > 0 && { anyTags: [...anyTags] }),
    ...(from !== '' && { createdAfter: startOf(from).toISOString() }),
    ...(to !== '' && { createdBefore: startOf(to, 1).toISOString() }),
    ...(library !== '' && { library }),
    ...(missing && { missing }),
  };
  return Object.keys(filter).length === 0 ? null : filter;
}

export interface Filterable {
  readonly title: string;
  readonly tags: readonly string[];
  readonly createdAt: string;
  readonly missing: boolean;
  /** Where libraries have its file; needed where `needsPlaces`. */
  readonly places?: readonly { readonly libraryId: string; readonly path: string }[] | undefined;
}

/** Whether `passes` needs the places of a picture. */
export const needsPlaces = (filter: GalleryFilter | null): boolean =>
  filter !== null && (filter.library != null || filter.text != null);

/** Whether a change of a file may change what passes. What is in an album, only the server knows. */
export const followsFiles = (filter: GalleryFilter | null): boolean =>
  filter !== null && filter.album == null && (filter.library != null || filter.missing != null);

/** Whether a picture that has just been added or changed belongs to the list, as the server would say. */
export function passes(filter: GalleryFilter | null, picture: Filterable): boolean {
  if (filter === null) return true;
  if (filter.album != null) return false; // it is put there later, if at all
  const { title, createdAt, missing, places = [] } = picture;
  const added = Date.parse(createdAt);
  const tags = new Set(picture.tags.map(foldText));
  const hasTag = (tag: string): boolean => tags.has(foldText(tag));
  const text = foldText(filter.text ?? '');
  const hasText = (one: string): boolean => foldText(one).includes(text);
  return (
    (text === '' ||
      hasText(title) ||
      picture.tags.some(hasText) ||
      places.some(({ path }) => hasText(path))) &&
    (filter.tags ?? []).every(hasTag) &&
    (!filter.anyTags?.length || filter.anyTags.some(hasTag)) &&
    (!filter.createdAfter || added >= Date.parse(filter.createdAfter)) &&
    (!filter.createdBefore || added < Date.parse(filter.createdBefore)) &&
    (filter.library == null || places.some(({ libraryId }) => libraryId === filter.library)) &&
    (filter.missing == null || missing === filter.missing)
  );
}
