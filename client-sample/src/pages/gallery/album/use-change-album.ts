import { useApolloClient } from '@apollo/client/react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { useToast } from '../../../components/toasts';
import { useFailureToast } from '../../../components/use-failure-toast';
import { useUndoable } from '../../../components/use-undoable';
import { chunks } from '../../../lib/chunks';
import { formatNumber } from '../../../lib/format';
import { albumAddress } from '../../albums/album-address';
import { MAX_IDS } from '../documents';
import { reorderPictures, takePictures, type ListVariables } from '../gallery-lists';
import { addToAlbumMutation, moveInAlbumMutation, removeFromAlbumMutation } from './documents';
import type { Move } from './moved-list';

interface ChangeAlbum {
  add(id: string, images: readonly string[]): Promise<void>;
  /** @param shown the list that shows the album */
  move(id: string, shown: ListVariables, move: Move): void;
  take(id: string, shown: ListVariables, images: readonly string[]): void;
}

/** Changes of an album's list. The page shows them at once; what the server refuses is taken back. */
export function useChangeAlbum(onFailed: () => void): ChangeAlbum {
  const client = useApolloClient();
  const { t, i18n } = useTranslation();
  const toast = useToast();
  const tellFailure = useFailureToast();
  const undoable = useUndoable();
  const [, navigate] = useLocation();
  const failed = (error: unknown): void => {
    tellFailure(t('albums.failed'), error);
    onFailed();
  };
  const number = (value: number): string => formatNumber(i18n.language, value);
  return {
    add: async (id, images) => {
      try {
        let added = 0;
        let name = '';
        for (const chunk of chunks(images, MAX_IDS)) {
          const variables = { id, images: chunk };
          const { data } = await client.mutate({ mutation: addToAlbumMutation, variables });
          added += data?.addToAlbum?.addedCount ?? 0;
          name = data?.addToAlbum?.album.name ?? name;
        }
        toast({
          message:
            added === 0
              ? t('albums.addedNone', { name })
              : t('albums.added', { count: added, number: number(added), name }),
          action: { label: t('albums.open'), onClick: () => navigate(albumAddress(id)) },
        });
      } catch (error) {
        failed(error);
      }
    },
    move: (id, shown, move) => {
      reorderPictures(client.cache, shown, move);
      const variables = { id, images: [...move.images], before: move.before };
      client.mutate({ mutation: moveInAlbumMutation, variables }).catch(failed);
    },
    take: (id, shown, images) => {
      const count = images.length;
      undoable({
        message: t('albums.taken', { count, number: number(count) }),
        failed: t('albums.failed'),
        mutate: (context) =>
          Promise.all(
            chunks(images, MAX_IDS).map((chunk) =>
              client.mutate({
                mutation: removeFromAlbumMutation,
                variables: { id, images: chunk },
                context: { ...context },
                optimisticResponse: {
                  removeFromAlbum: {
                    __typename: 'RemoveFromAlbumPayload',
                    removedCount: chunk.length,
                    album: { __typename: 'Album', id },
                  },
                },
                update: (cache) => takePictures(cache, shown, chunk),
              }),
            ),
          ),
      });
    },
  };
}
