import { useMutation } from '@apollo/client/react';
import { useTranslation } from 'react-i18next';
import { graphql } from '../gql';
import { useFailureToast } from './use-failure-toast';

const updateImageMutation = graphql(`
  mutation UpdateImage($id: ID!, $title: String, $rating: Int, $favorite: Boolean) {
    updateImage(id: $id, title: $title, rating: $rating, favorite: $favorite) {
      image {
        id
        title
        rating
        favorite
      }
    }
  }
`);

/** What people can change in a picture, beside its tags. */
export interface ChangeableImage {
  readonly id: string;
  readonly title: string;
  /** 1 to 5 stars. */
  readonly rating?: number | null | undefined;
  readonly favorite: boolean;
}

interface ImageChange {
  readonly title?: string;
  /** 1 to 5 stars; 0 removes the rating. */
  readonly rating?: number;
  readonly favorite?: boolean;
}

/** Changes a picture. The page shows it at once; what the server refuses is taken back, with a message. */
export function useUpdateImage(): (image: ChangeableImage, change: ImageChange) => void {
  const [update] = useMutation(updateImageMutation);
  const { t } = useTranslation();
  const tellFailure = useFailureToast();
  return ({ id, title, rating, favorite }, change) => {
    const image = {
      __typename: 'GalleryImage' as const,
      id,
      title: change.title ?? title,
      rating: (change.rating ?? rating) || null,
      favorite: change.favorite ?? favorite,
    };
    update({
      variables: { id, ...change },
      optimisticResponse: { updateImage: { __typename: 'UpdateImagePayload', image } },
    }).catch((error: unknown) => tellFailure(t('lightbox.changeFailed'), error));
  };
}

/** Returns what a key does to a picture: `f` for favorites, `1` to `5` to rate it, `0` to remove the rating. */
export function useRatingKeys(image: ChangeableImage | null): (key: string) => boolean {
  const update = useUpdateImage();
  return (key) => {
    if (image === null) return false;
    if (key.toLowerCase() === 'f') update(image, { favorite: !image.favorite });
    else if (/^[0-5]$/.test(key)) update(image, { rating: Number(key) });
    else return false;
    return true;
  };
}
