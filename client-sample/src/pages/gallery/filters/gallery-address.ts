import type { GalleryFilter, GalleryOrder, Orientation } from '../../../gql/graphql';

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
  readonly camera: string;
  readonly format: string;
  readonly orientation: Orientation | '';
  /** Days as yyyy-mm-dd where the pictures were taken; both are included. */
  readonly takenFrom: string;
  readonly takenTo: string;
  readonly favorites: boolean;
  /** The fewest stars, 1 to 5; 0 for any. */
  readonly minRating: number;
  /** With any tag, without tags, or either. */
  readonly tagged: boolean | null;
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
  camera: '',
  format: '',
  orientation: '',
  takenFrom: '',
  takenTo: '',
  favorites: false,
  minRating: 0,
  tagged: null,
} satisfies Partial<GalleryView>;

export const ORDERS = [
  'ALBUM',
  'TAKEN_NEWEST',
  'TAKEN_OLDEST',
  'NEWEST',
  'OLDEST',
  'TITLE',
] as const satisfies readonly GalleryOrder[];
export const ORIENTATIONS = ['LANDSCAPE', 'PORTRAIT', 'SQUARE'] as const satisfies readonly Orientation[];
export const STARS = [1, 2, 3, 4, 5] as const;

/** The first of them is the usual one. */
export const ordersOf = ({ album }: Pick<GalleryView, 'album'>): readonly (typeof ORDERS)[number][] =>
  album === '' ? ORDERS.slice(1) : ORDERS;

const usualOrder = (view: Pick<GalleryView, 'album'>): GalleryOrder =>
  view.album === '' ? 'TAKEN_NEWEST' : 'ALBUM';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const day = (value: string | null): string =>
  value !== null && DAY.test(value) && !Number.isNaN(Date.parse(value)) ? value : '';

const TAGGED: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

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
    camera: address.get('camera') ?? '',
    format: address.get('format') ?? '',
    orientation: ORIENTATIONS.find((one) => one === address.get('shape')?.toUpperCase()) ?? '',
    takenFrom: day(address.get('taken-from')),
    takenTo: day(address.get('taken-to')),
    favorites: address.get('favorites') === 'true',
    minRating: STARS.find((stars) => String(stars) === address.get('stars')) ?? 0,
    tagged: TAGGED.get(address.get('tagged') ?? '') ?? null,
    order: ordersOf({ album }).find((one) => one === order) ?? usualOrder({ album }),
  };
}

/** The shortest address of a view. */
export function writeView(view: GalleryView): URLSearchParams {
  const { album, text, tags, anyTags, from, to, library, missing, order } = view;
  const { camera, format, orientation, takenFrom, takenTo, favorites, minRating, tagged } = view;
  const address = new URLSearchParams();
  if (album !== '') address.set('album', album);
  if (text !== '') address.set('q', text);
  for (const tag of tags) address.append('tag', tag);
  for (const tag of anyTags) address.append('any', tag);
  if (from !== '') address.set('from', from);
  if (to !== '') address.set('to', to);
  if (library !== '') address.set('library', library);
  if (missing) address.set('missing', 'true');
  if (camera !== '') address.set('camera', camera);
  if (format !== '') address.set('format', format);
  if (orientation !== '') address.set('shape', orientation.toLowerCase());
  if (takenFrom !== '') address.set('taken-from', takenFrom);
  if (takenTo !== '') address.set('taken-to', takenTo);
  if (favorites) address.set('favorites', 'true');
  if (minRating > 0) address.set('stars', String(minRating));
  if (tagged !== null) address.set('tagged', String(tagged));
  if (order !== usualOrder({ album })) address.set('sort', order.toLowerCase());
  return address;
}

/** Midnight where the visitor is. */
function startOf(isoDay: string, plusDays = 0): Date {
  const [year = 0, month = 1, date = 1] = isoDay.split('-').map(Number);
  return new Date(year, month - 1, date + plusDays);
}

/** The clock where a picture was taken is compared as if in UTC, whatever the visitor's own zone is. */
function readingOf(isoDay: string, plusDays = 0): string {
  const [year = 0, month = 1, date = 1] = isoDay.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1, date + plusDays)).toISOString();
}

/** Whether anything beside the album is filtered. */
export const isFiltered = (view: GalleryView): boolean => toFilter({ ...view, album: '' }) !== null;

/** Null when nothing is filtered. Only what is set has a key: the cache keeps lists apart by it. */
export function toFilter(view: GalleryView): GalleryFilter | null {
  const { album, text, tags, anyTags, from, to, library, missing } = view;
  const { camera, format, orientation, takenFrom, takenTo, favorites, minRating, tagged } = view;
  const filter: GalleryFilter = {
    ...(album !== '' && { album }),
    ...(text.trim() !== '' && { text: text.trim() }),
    ...(tags.length > 0 && { tags: [...tags] }),
    ...(anyTags.length > 0 && { anyTags: [...anyTags] }),
    ...(from !== '' && { createdAfter: startOf(from).toISOString() }),
    ...(to !== '' && { createdBefore: startOf(to, 1).toISOString() }),
    ...(library !== '' && { library }),
    ...(missing && { missing }),
    ...(camera !== '' && { camera }),
    ...(format !== '' && { format }),
    ...(orientation !== '' && { orientation }),
    ...(takenFrom !== '' && { takenAfter: readingOf(takenFrom) }),
    ...(takenTo !== '' && { takenBefore: readingOf(takenTo, 1) }),
    ...(favorites && { favorite: true }),
    ...(minRating > 0 && { minRating }),
    ...(tagged !== null && { tagged }),
  };
  return Object.keys(filter).length === 0 ? null : filter;
}

/** How many conditions the panel shows as set: all but the text and the album; each tag is one. */
export function countConditions(view: GalleryView): number {
  const conditions: readonly unknown[] = Object.values(toFilter({ ...view, album: '', text: '' }) ?? {});
  return conditions.reduce<number>((sum, one) => sum + (Array.isArray(one) ? one.length : 1), 0);
}
