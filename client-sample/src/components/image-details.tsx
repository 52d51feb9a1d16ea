import '../styles/image-details.css';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { graphql, readFragment, type FragmentType } from '../gql';
import { formatBytes, formatNumber, formatTime } from '../lib/format';
import { tagAddress } from '../lib/tag-address';
import { CameraFacts } from './camera-facts';
import { PictureRating } from './picture-rating';
import { PictureTitle } from './picture-title';
import { PlaceFacts } from './place-facts';

export const imageDetailsFragment = graphql(`
  fragment ImageDetails on GalleryImage {
    id
    title
    tags
    width
    height
    format
    bytes
    createdAt
    stored
    missing
    rating
    favorite
    ...CameraFacts
  }
`);

interface ImageDetailsProps {
  readonly image: FragmentType<typeof imageDetailsFragment>;
  /** In place of the plain tags: a field to edit them, say. */
  readonly tags?: ReactNode;
  /** Further lines: pairs of `<dt>` and `<dd>`. */
  readonly children?: ReactNode;
}

/** What the gallery knows of a picture. */
export function ImageDetails({ image, tags, children }: ImageDetailsProps) {
  const { t, i18n } = useTranslation();
  const details = readFragment(imageDetailsFragment, image);
  const number = (value: number, digits = 0): string =>
    formatNumber(i18n.language, value, { maximumFractionDigits: digits });
  const megapixels = (details.width * details.height) / 1e6;
  return (
    <>
      <PictureTitle key={details.id} image={details} />
      <PictureRating image={details} />
      {tags ??
        (details.tags.length > 0 ? (
          <ul className="image-tags" aria-label={t('common.tags')}>
            {details.tags.map((tag) => (
              <li key={tag}>
                <Link to={tagAddress(tag)}>{tag}</Link>
              </li>
            ))}
          </ul>
        ) : (
          <p className="small text-body-secondary mb-0">{t('lightbox.noTags')}</p>
        ))}
      {details.missing && <p className="image-missing">{t('lightbox.missing')}</p>}
      <dl className="image-facts">
        {children}
        <CameraFacts image={details} />
        {!details.stored && <PlaceFacts id={details.id} />}
        <dt>{t('lightbox.size')}</dt>
        <dd>
          {t('lightbox.sizeValue', {
            width: number(details.width),
            height: number(details.height),
            megapixels: number(megapixels, megapixels < 10 ? 1 : 0),
          })}
        </dd>
        <dt>{t('lightbox.format')}</dt>
        <dd>{details.format.toUpperCase()}</dd>
        <dt>{t('lightbox.bytes')}</dt>
        <dd>{formatBytes(i18n.language, details.bytes)}</dd>
        <dt>{t('lightbox.created')}</dt>
        <dd>{formatTime(i18n.language, details.createdAt)}</dd>
      </dl>
    </>
  );
}
