import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { Icon } from '../../components/icon';
import { Thumbnail } from '../../components/thumbnail';
import { graphql, readFragment, type FragmentType } from '../../gql';
import { formatClock, formatDuration, formatPercent, formatTime } from '../../lib/format';

export const historyEntryFragment = graphql(`
  fragment HistoryEntry on SearchRecord {
    id
    createdAt
    modelId
    totalMs
    thumbnailUrl
    queryImage {
      id
      title
    }
    matches {
      rank
      similarity
      image {
        id
        title
        ...ThumbnailImage
      }
    }
  }
`);

/** As many of the best matches as fit beside the query on a large display; where fewer do, the style hides the rest. */
const SHOWN = 9;

interface HistoryEntryProps {
  readonly entry: FragmentType<typeof historyEntryFragment>;
  readonly onRemove: () => void;
}

/** An earlier search: by which picture, when, and what was found. */
export function HistoryEntry({ entry, onRemove }: HistoryEntryProps) {
  const { t, i18n } = useTranslation();
  const locale = i18n.language;
  const record = readFragment(historyEntryFragment, entry);
  const { id, createdAt, modelId, totalMs, thumbnailUrl, queryImage } = record;
  // As on the search page, a picture is not among its own matches.
  const matches = record.matches.filter(({ image }) => image.id !== queryImage?.id);
  const again = queryImage
    ? `/?image=${encodeURIComponent(queryImage.id)}`
    : `/?search=${encodeURIComponent(id)}`;
  const when = formatTime(locale, createdAt);
  const name = queryImage ? queryImage.title || t('common.untitled') : t('history.ownPicture');

  return (
    <article className="history-entry" aria-label={t('history.entry', { name, when })}>
      <Link to={again} className="history-query" aria-label={t('history.againWith', { name, when })}>
        {thumbnailUrl == null ? (
          <span className="history-no-picture">
            <Icon name="picture" size={28} />
          </span>
        ) : (
          <img src={thumbnailUrl} alt="" width={96} height={96} loading="lazy" decoding="async" />
        )}
      </Link>
      <div className="history-facts">
        <span className="history-name">{name}</span>
        <span className="small text-body-secondary">
          <time dateTime={createdAt} title={when}>
            {formatClock(locale, createdAt)}
          </time>{' '}
          · {formatDuration(locale, totalMs)} · {modelId}
        </span>
        <div className="history-actions">
          <Link to={again} className="btn btn-sm btn-outline-primary">
            {t('history.again')}
          </Link>
          <Button
            size="sm"
            variant="outline-secondary"
            aria-label={t('history.remove', { name, when })}
            title={t('history.removeShort')}
            onClick={onRemove}
          >
            <Icon name="trash" />
          </Button>
        </div>
      </div>
      {matches.length === 0 ? (
        <p className="history-nothing">{t('history.noMatches')}</p>
      ) : (
        <div className="history-matches-place">
          <ul className="history-matches" aria-label={t('history.matches')}>
            {matches.slice(0, SHOWN).map(({ image, similarity }) => (
              <li key={image.id}>
                <Link to={`/?image=${encodeURIComponent(image.id)}`}>
                  <span className="history-match-picture">
                    <Thumbnail image={image} sizes="120px" />
                  </span>
                  <span className="visually-hidden">
                    {t('history.match', { name: image.title || t('common.untitled') })}{' '}
                  </span>
                  <span className="tabular">{formatPercent(locale, similarity, 0)}</span>
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
    </article>
  );
}
