import { useTranslation } from 'react-i18next';
import { Icon } from './icon';
import { useUpdateImage, type ChangeableImage } from './use-update-image';

const STARS = [1, 2, 3, 4, 5] as const;

/** Stars and a heart, set by a click. A click on the present rating removes it. */
export function PictureRating({ image }: { readonly image: ChangeableImage }) {
  const { t } = useTranslation();
  const update = useUpdateImage();
  const rating = image.rating ?? 0;
  return (
    <div className="picture-rating">
      <div role="group" aria-label={t('lightbox.rating')}>
        {STARS.map((count) => (
          <button
            key={count}
            type="button"
            className={count <= rating ? 'set' : ''}
            aria-label={t('lightbox.stars', { count })}
            aria-pressed={count === rating}
            title={t('lightbox.stars', { count })}
            onClick={() => update(image, { rating: count === rating ? 0 : count })}
          >
            <Icon name="star" size={18} />
          </button>
        ))}
      </div>
      <button
        type="button"
        className={`picture-heart ${image.favorite ? 'set' : ''}`}
        aria-label={t('lightbox.favorite')}
        aria-pressed={image.favorite}
        title={t('lightbox.favorite')}
        onClick={() => update(image, { favorite: !image.favorite })}
      >
        <Icon name="heart" size={18} />
      </button>
    </div>
  );
}
