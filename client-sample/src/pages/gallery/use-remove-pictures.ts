import { useApolloClient } from '@apollo/client/react';
import { useTranslation } from 'react-i18next';
import { useUndoable } from '../../components/use-undoable';
import { formatNumber } from '../../lib/format';
import { MAX_IDS, removeFromGalleryMutation } from './documents';
import { forgetPictures } from './gallery-lists';

/** Removes pictures: hidden at once, really removed when the time to undo it has passed. */
export function useRemovePictures(): (ids: readonly string[]) => void {
  const client = useApolloClient();
  const { t, i18n } = useTranslation();
  const undoable = useUndoable();
  return (ids) => {
    const count = ids.length;
    undoable({
      message: t('gallery.removed', { count, number: formatNumber(i18n.language, count) }),
      failed: t('gallery.removeFailed'),
      mutate: (context) =>
        Promise.all(
          Array.from({ length: Math.ceil(count / MAX_IDS) }, (_, i) => {
            const chunk = ids.slice(i * MAX_IDS, (i + 1) * MAX_IDS);
            return client.mutate({
              mutation: removeFromGalleryMutation,
              variables: { ids: chunk },
              context: { ...context },
              optimisticResponse: {
                removeFromGallery: { __typename: 'RemoveFromGalleryPayload', removedIds: chunk },
              },
              // Also those that somebody else removed first.
              update: (cache) => forgetPictures(cache, chunk),
            });
          }),
        ),
    });
  };
}
