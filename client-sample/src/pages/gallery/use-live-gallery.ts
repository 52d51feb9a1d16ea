import { useApolloClient, useSubscription } from '@apollo/client/react';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { readFragment } from '../../gql';
import type { GalleryChangeKind } from '../../gql/graphql';
import { galleryCellFragment, galleryChangesSubscription } from './documents';
import { latestFirst, type Taken } from '../../lib/taken';
import { followsChanges, needsPlaces, passes, type Filterable } from './filters/passes';
import { addPictures, dropPictures, isByTaken, takePictures, type ListVariables } from './gallery-lists';
import type { GalleryList, LoadedPage } from './use-gallery-list';

/** During an import there are many changes a second; the page follows at this pace. */
const PACE_MS = 400;
/** With more new pictures than this at once, reloading the list is less work. */
const MANY = 500;

/** Changes that are kept, for pages that the server read before them and that arrive after them. */
const REMEMBERED = 1000;

interface Arrival extends Taken {
  readonly id: string;
  readonly createdAt: string;
  /** It was in the gallery before, so only the server knows its position in the list. */
  readonly isOld?: boolean;
}

type Cell = Arrival & Filterable;

interface Change {
  readonly kind: GalleryChangeKind;
  readonly ids: readonly string[];
  readonly cells: readonly Cell[];
  readonly revision: string;
}

const newestFirst = (a: Arrival, b: Arrival): number =>
  b.createdAt.localeCompare(a.createdAt) || Number(b.id) - Number(a.id);

interface LiveGallery {
  /** New pictures that are not shown yet, because showing them would move what is being looked at. */
  readonly waiting: number;
  showWaiting(): void;
}

/**
 * Follows the gallery as it changes, no matter who changes it. Changed pictures change in the cache by themselves,
 * and come into a filtered list or leave it; removed ones leave the cache; new ones are shown at once where nothing
 * moves by it (the page is at its top), else they wait. Whatever changes
 * between a page of the list and the subscription, or while a page is on its way, is caught up by means of revisions.
 */
export function useLiveGallery(
  shown: ListVariables,
  { page, ids: listed, refetch }: Pick<GalleryList, 'page' | 'ids' | 'refetch'>,
  gone: Set<string>,
  atTop: () => boolean,
): LiveGallery {
  const client = useApolloClient();
  const [arrivals, setArrivals] = useState<readonly Arrival[]>([]);
  const buffer = useRef<Arrival[]>([]);
  const recent = useRef<Change[]>([]);

  // Another list starts with the server's answer; nothing is waiting for it yet.
  const list = JSON.stringify(shown);
  const [listBefore, setListBefore] = useState(list);
  if (list !== listBefore) {
    setListBefore(list);
    setArrivals([]);
  }
  // The first known one: with any other, the subscription would start again.
  const [since, setSince] = useState<string | null>(null);
  if (since === null && page !== null) setSince(page.revision);

  const show = (pictures: readonly Arrival[]): void => {
    if (shown.orderBy === 'TITLE' || pictures.length > MANY || pictures.some(({ isOld }) => isOld)) refetch();
    else {
      addPictures(client.cache, shown, [...pictures].sort(isByTaken(shown) ? latestFirst : newestFirst));
    }
  };

  /** Updates a list by what can change in a picture: its files, its rating, its tags. */
  const follow = (cells: readonly Cell[]): void => {
    const isListed = new Set(listed);
    const isWaiting = new Set([...buffer.current, ...arrivals].map(({ id }) => id));
    const leaving = cells.filter((cell) => !passes(shown.filter, cell)).map(({ id }) => id);
    if (leaving.some((id) => isListed.has(id))) takePictures(client.cache, shown, leaving);
    const stays = ({ id }: Arrival): boolean => !leaving.includes(id);
    if (leaving.some((id) => isWaiting.has(id))) {
      buffer.current = buffer.current.filter(stays);
      setArrivals((before) => before.filter(stays));
    }
    for (const cell of cells)
      if (stays(cell) && !isListed.has(cell.id) && !isWaiting.has(cell.id))
        buffer.current.push({ ...cell, isOld: true });
  };

  const apply = ({ kind, ids, cells }: Change): void => {
    if (kind === 'MISSED') refetch();
    if (kind === 'ADDED') {
      buffer.current.push(...cells.filter((cell) => passes(shown.filter, cell)));
    }
    if (kind === 'UPDATED' && followsChanges(shown.filter)) follow(cells);
    if (kind === 'REMOVED') {
      for (const id of ids) gone.add(id);
      const stays = ({ id }: Arrival): boolean => !gone.has(id);
      dropPictures(client.cache, ids);
      buffer.current = buffer.current.filter(stays);
      setArrivals((before) => (before.every(stays) ? before : before.filter(stays)));
    }
  };

  useSubscription(galleryChangesSubscription, {
    variables: { since: since ?? '', withPlaces: needsPlaces(shown.filter) },
    skip: since === null,
    ignoreResults: true,
    onData: ({ data: { data } }) => {
      if (!data) return;
      const { kind, ids, images, revision } = data.galleryChanged;
      const cells = images.map((image) => ({
        ...readFragment(galleryCellFragment, image),
        places: image.places,
        rating: image.rating,
        camera: image.camera,
        format: image.format,
      }));
      const change = { kind, ids, cells, revision };
      recent.current = [...recent.current, change].slice(-REMEMBERED);
      apply(change);
    },
  });

  const makeUp = useEffectEvent(({ revision, isFirst }: LoadedPage) => {
    const later = recent.current.filter((change) => change.revision > revision);
    if (isFirst) {
      buffer.current = [];
      setArrivals([]);
    }
    for (const change of later) if (isFirst || change.kind === 'REMOVED') apply(change);
    // The event came before the page, but the page holds the older state.
    if (later.some(({ kind }) => kind === 'UPDATED')) refetch();
  });
  useEffect(() => {
    if (page !== null) makeUp(page);
  }, [page]);

  const takeBuffer = useEffectEvent(() => {
    const fresh = buffer.current;
    if (fresh.length === 0) return;
    buffer.current = [];
    const nothingMoves =
      listed?.length === 0 || shown.orderBy === 'OLDEST' || (shown.orderBy !== 'TITLE' && atTop());
    if (nothingMoves && arrivals.length === 0) show(fresh);
    else setArrivals((before) => [...before, ...fresh]);
  });
  useEffect(() => {
    const timer = setInterval(() => takeBuffer(), PACE_MS);
    return () => clearInterval(timer);
  }, []);

  return {
    waiting: arrivals.length,
    showWaiting: () => {
      setArrivals([]);
      show(arrivals);
    },
  };
}
