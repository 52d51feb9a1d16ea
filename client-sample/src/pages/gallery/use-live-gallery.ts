import { useApolloClient, useSubscription } from '@apollo/client/react';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { readFragment } from '../../gql';
import { galleryCellFragment, galleryChangesSubscription } from './documents';
import { passes } from './filters/gallery-address';
import { addPictures, dropPictures, type ListVariables } from './gallery-lists';

/** During an import there are many changes a second; the page follows at this pace. */
const PACE_MS = 400;
/** With more than this many new pictures at once, loading the list anew is less work. */
const MANY = 500;

interface Arrival {
  readonly id: string;
  readonly createdAt: string;
}

const newestFirst = (a: Arrival, b: Arrival): number =>
  b.createdAt.localeCompare(a.createdAt) || Number(b.id) - Number(a.id);

interface LiveGallery {
  /** New pictures that are not shown yet, because showing them would move what is being looked at. */
  readonly waiting: number;
  showWaiting(): void;
}

/**
 * Follows the gallery as it changes, by whomever. Changed pictures change in the cache by themselves; removed ones leave
 * it; new ones are shown at once where nothing moves by it (the page is at its top), else they wait.
 */
export function useLiveGallery(shown: ListVariables, atTop: () => boolean, refetch: () => void): LiveGallery {
  const client = useApolloClient();
  const [arrivals, setArrivals] = useState<readonly Arrival[]>([]);
  const buffer = useRef<Arrival[]>([]);

  // Another list begins with what the server says; nothing waits for it yet.
  const list = JSON.stringify(shown);
  const [listBefore, setListBefore] = useState(list);
  if (list !== listBefore) {
    setListBefore(list);
    setArrivals([]);
  }

  const show = (pictures: readonly Arrival[]): void => {
    if (shown.orderBy === 'TITLE' || pictures.length > MANY) refetch();
    else {
      const ids = [...pictures].sort(newestFirst).map(({ id }) => id);
      addPictures(client.cache, shown, ids);
    }
  };

  useSubscription(galleryChangesSubscription, {
    ignoreResults: true,
    onData: ({ data: { data } }) => {
      if (!data) return;
      const { kind, ids, images } = data.galleryChanged;
      if (kind === 'ADDED') {
        const cells = images.map((image) => readFragment(galleryCellFragment, image));
        buffer.current.push(...cells.filter((cell) => passes(shown.filter, cell)));
      }
      if (kind === 'REMOVED') {
        const gone = new Set(ids);
        const stays = ({ id }: Arrival): boolean => !gone.has(id);
        dropPictures(client.cache, ids);
        buffer.current = buffer.current.filter(stays);
        setArrivals((before) => (before.every(stays) ? before : before.filter(stays)));
      }
    },
  });

  const takeBuffer = useEffectEvent(() => {
    const fresh = buffer.current;
    if (fresh.length === 0) return;
    buffer.current = [];
    const nothingMoves = shown.orderBy === 'OLDEST' || (shown.orderBy === 'NEWEST' && atTop());
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
