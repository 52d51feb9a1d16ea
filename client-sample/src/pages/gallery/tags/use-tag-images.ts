import { useApolloClient } from '@apollo/client/react';
import { useTranslation } from 'react-i18next';
import { useToast } from '../../../components/toasts';
import { useFailureToast } from '../../../components/use-failure-toast';
import { chunks } from '../../../lib/chunks';
import { formatNumber } from '../../../lib/format';
import { MAX_IDS, tagImagesMutation } from '../documents';
import type { TaggedPicture } from './tag-dialog';

/**
 * Adds and removes tags. The page shows it at once; what the server refuses is taken back.
 * @param quiet says nothing when all went well: where the tags are being looked at anyway
 */
export function useTagImages({ quiet = false } = {}): (
  pictures: readonly TaggedPicture[],
  add: readonly string[],
  remove: readonly string[],
) => Promise<void> {
  const client = useApolloClient();
  const { t, i18n } = useTranslation();
  const toast = useToast();
  const tellFailure = useFailureToast();
  return async (pictures, add, remove) => {
    try {
      for (const chunk of chunks(pictures, MAX_IDS)) {
        await client.mutate({
          mutation: tagImagesMutation,
          variables: { ids: chunk.map(({ id }) => id), add: [...add], remove: [...remove] },
          optimisticResponse: {
            tagImages: {
              __typename: 'TagImagesPayload' as const,
              images: chunk.map(({ id, tags }) => ({
                __typename: 'GalleryImage' as const,
                id,
                tags: [...new Set([...tags.filter((tag) => !remove.includes(tag)), ...add])].sort(),
              })),
            },
          },
        });
      }
      if (quiet) return;
      const count = pictures.length;
      toast({ message: t('gallery.tags.saved', { count, number: formatNumber(i18n.language, count) }) });
    } catch (error) {
      tellFailure(t('gallery.tags.failed'), error);
    }
  };
}
