import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { Icon } from '../../../components/icon';
import { SimilarityBar } from '../../../components/similarity-bar';
import { Thumbnail } from '../../../components/thumbnail';
import { readFragment, type FragmentType } from '../../../gql';
import { formatPercent } from '../../../lib/format';
import { tagAddress } from '../../../lib/tag-address';
import { resultCardFragment } from '../documents';

/** More of them are in its details. */
const MAX_TAGS = 2;

interface ResultCardProps {
  readonly match: FragmentType<typeof resultCardFragment>;
  /** Its file is the query's. */
  readonly same: boolean;
  readonly compared: boolean;
  /** The first row is on the page from the start. */
  readonly eager: boolean;
  readonly moreLike: string;
  readonly onOpen: (id: string) => void;
  /** Left out while there is nothing to compare with. */
  readonly onCompare: ((id: string) => void) | null;
}

/** A match: picture, similarity, and where to go from it. */
export const ResultCard = memo(function ResultCard(props: ResultCardProps) {
  const { match, same, compared, eager, moreLike, onOpen, onCompare } = props;
  const { t, i18n } = useTranslation();
  const { similarity, strength, percentile, image } = readFragment(resultCardFragment, match);
  const name = image.title || t('common.untitled');
  return (
    <li className={`result ${compared ? 'compared' : ''}`}>
      <button
        type="button"
        className="result-picture"
        data-id={image.id}
        aria-label={[
          t('search.results.open', { name, similarity: formatPercent(i18n.language, similarity) }),
          ...(same ? [t('search.results.sameFile')] : []),
          ...(image.missing ? [t('gallery.missing')] : []),
        ].join(', ')}
        onClick={() => onOpen(image.id)}
      >
        <Thumbnail
          image={image}
          sizes="(min-width: 992px) 240px, (min-width: 576px) 30vw, 46vw"
          eager={eager}
        />
        {same && <span className="result-same">{t('search.results.sameFile')}</span>}
        {image.missing && <span className="missing-badge">{t('gallery.missing')}</span>}
      </button>
      <SimilarityBar value={similarity} strength={strength} percentile={percentile} />
      <p className="result-title text-truncate" title={name}>
        {name}
      </p>
      {image.tags.length > 0 && (
        <ul className="result-tags" aria-label={t('common.tags')}>
          {image.tags.slice(0, MAX_TAGS).map((tag) => (
            <li key={tag} className="text-truncate">
              <Link to={tagAddress(tag)}>{tag}</Link>
            </li>
          ))}
        </ul>
      )}
      <div className="result-actions">
        <Link className="result-more" to={moreLike} aria-label={t('search.results.moreLikeName', { name })}>
          {t('search.results.moreLike')}
        </Link>
        {onCompare !== null && (
          <button
            type="button"
            className="result-compare"
            aria-pressed={compared}
            aria-label={t('search.results.compare', { name })}
            title={t('search.results.compareTitle')}
            onClick={() => onCompare(image.id)}
          >
            <Icon name="compare" />
          </button>
        )}
      </div>
    </li>
  );
});
