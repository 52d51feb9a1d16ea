import type { GalleryFilter, Orientation } from '../../../gql/graphql';
import { foldText } from '../../../lib/fold-text';
import { clockOf, type Taken } from '../../../lib/taken';

export interface Filterable extends Taken {
  readonly title: string;
  readonly tags: readonly string[];
  readonly createdAt: string;
  readonly missing: boolean;
  readonly width: number;
  readonly height: number;
  readonly favorite: boolean;
  readonly rating?: number | null | undefined;
  readonly camera?: string | null | undefined;
  readonly format: string;
  /** Where libraries have its file; needed where `needsPlaces`. */
  readonly places?: readonly { readonly libraryId: string; readonly path: string }[] | undefined;
}

/** Whether `passes` needs the places of a picture. */
export const needsPlaces = (filter: GalleryFilter | null): boolean =>
  filter !== null && (filter.library != null || filter.text != null);

/** What can change in a picture that is there, and may bring it into a list or take it out. */
const FOLLOWED = [
  'library',
  'missing',
  'camera',
  'takenAfter',
  'takenBefore',
  'favorite',
  'minRating',
  'tagged',
] as const satisfies readonly (keyof GalleryFilter)[];

/** Whether a change of a picture may change what passes. What is in an album, only the server knows. */
export const followsChanges = (filter: GalleryFilter | null): boolean =>
  filter !== null && filter.album == null && FOLLOWED.some((name) => filter[name] != null);

const shapeOf = ({ width, height }: Filterable): Orientation =>
  width > height ? 'LANDSCAPE' : width < height ? 'PORTRAIT' : 'SQUARE';

/** The conditions on what the camera wrote and how people rate a picture. */
function passesFacts(filter: GalleryFilter, picture: Filterable): boolean {
  const taken = clockOf(picture);
  return (
    (!filter.takenAfter || taken >= Date.parse(filter.takenAfter)) &&
    (!filter.takenBefore || taken < Date.parse(filter.takenBefore)) &&
    (filter.camera == null || picture.camera === filter.camera) &&
    (filter.format == null || picture.format === filter.format) &&
    (filter.orientation == null || shapeOf(picture) === filter.orientation) &&
    (filter.favorite == null || picture.favorite === filter.favorite) &&
    (filter.minRating == null || (picture.rating ?? 0) >= filter.minRating) &&
    (filter.tagged == null || picture.tags.length > 0 === filter.tagged)
  );
}

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
    (filter.missing == null || missing === filter.missing) &&
    passesFacts(filter, picture)
  );
}
