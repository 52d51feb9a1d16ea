import { useSubscription } from '@apollo/client/react';
import { useState } from 'react';
import { type ConnectionPages, useConnection } from '../../api/use-connection';
import type { AlbumsQuery } from '../../gql/graphql';
import { albumsChangedSubscription, albumsQuery } from './documents';

const PAGE = 50;

export type Albums = ConnectionPages<NonNullable<AlbumsQuery['albums']>>;

const listOf = ({ albums }: AlbumsQuery) => albums;

/** The albums by name, page after page; what another window changes is seen at once. */
export function useAlbums(): Albums {
  const pages = useConnection(albumsQuery, { first: PAGE }, listOf);
  // The first known one: with any other, the subscription would start again.
  const [since, setSince] = useState<string | null>(null);
  if (since === null && pages.list !== null) setSince(pages.list.revision);
  useSubscription(albumsChangedSubscription, {
    variables: { since },
    skip: since === null,
    ignoreResults: true,
    // A new name changes the order, too; one that was changed is in the cache already.
    onData: () => pages.refetch(),
  });
  return pages;
}
