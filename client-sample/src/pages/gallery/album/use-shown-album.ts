import { useQuery, useSubscription } from '@apollo/client/react';
import { useEffect, useEffectEvent, useState } from 'react';
import { shownAlbumChangedSubscription, shownAlbumQuery } from './documents';

/** The first event is then MISSED: from it on nothing is. */
const BEFORE_ANY = '0';

export interface ShownAlbum {
  readonly id: string;
  readonly name: string;
  readonly isSmart: boolean;
  readonly isImageRemoved: boolean;
}

/**
 * The album that the gallery shows.
 * @param id empty for the whole gallery
 * @param onChange called when its list has changed, here or in another window
 * @returns null for the whole gallery and until it is known; undefined when there is no such album
 */
export function useShownAlbum(id: string, onChange: () => void): ShownAlbum | null | undefined {
  const { data, refetch } = useQuery(shownAlbumQuery, {
    variables: { id },
    skip: id === '',
    fetchPolicy: 'cache-and-network',
  });
  const changed = useEffectEvent(onChange);
  const [changes, setChanges] = useState(0);
  useSubscription(shownAlbumChangedSubscription, {
    variables: { since: BEFORE_ANY },
    skip: id === '',
    ignoreResults: true,
    onData: ({ data: { data: event } }) => {
      const change = event?.albumsChanged;
      if (change === undefined || (change.kind !== 'MISSED' && change.id !== id)) return;
      if (change.kind !== 'DELETED') setChanges((count) => count + 1);
      if (change.kind !== 'UPDATED') refetch().catch(() => {}); // asked for again when the server is back
    },
  });
  useEffect(() => {
    if (changes > 0) changed();
  }, [changes]);

  if (id === '' || data === undefined) return null;
  const { album } = data;
  if (album == null) return undefined;
  return {
    id: album.id,
    name: album.name,
    isSmart: album.isSmart,
    isImageRemoved: album.search?.isImageRemoved === true,
  };
}
