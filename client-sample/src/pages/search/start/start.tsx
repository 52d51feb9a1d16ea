import { useQuery } from '@apollo/client/react';
import { useEffect, useEffectEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { toFailure } from '../../../api/errors';
import { whenServerReturns } from '../../../api/reachability';
import { EmptyState } from '../../../components/empty-state';
import { ErrorNotice } from '../../../components/error-notice';
import { Icon } from '../../../components/icon';
import { Thumbnail } from '../../../components/thumbnail';
import { graphql } from '../../../gql';
import { formatBytes, formatNumber } from '../../../lib/format';
import { useMediaQuery } from '../../../lib/use-media-query';
import { FileButton } from '../query/file-button';
import { frameRatio } from '../results/frame-ratio';
import type { LimitsOf } from './use-limits';

const newestQuery = graphql(`
  query NewestPictures {
    galleryImages(first: 24) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        cursor
        node {
          id
          title
          width
          height
          ...ThumbnailImage
        }
      }
    }
  }
`);

interface StartProps {
  readonly limits: LimitsOf;
  readonly onFiles: (files: readonly File[]) => void;
}

/** Before anything has been searched: how to begin. */
export function Start({ limits, onFiles }: StartProps) {
  const { t, i18n } = useTranslation();
  const touch = useMediaQuery('(pointer: coarse)');
  return (
    <>
      <section className="search-hero">
        <svg className="search-art" viewBox="0 0 96 72" width="96" height="72" aria-hidden="true">
          <rect x="6" y="14" width="56" height="44" rx="6" />
          <rect className="front" x="30" y="8" width="60" height="48" rx="6" />
          <circle cx="46" cy="23" r="5" />
          <path d="M34 50 52 33l12 11 8-7 14 13" />
        </svg>
        <h1>{t('search.start.question')}</h1>
        <p className="text-body-secondary mb-0">
          {t(touch ? 'search.start.hintTouch' : 'search.start.hint')}
        </p>
        <div className="d-flex flex-wrap gap-2 justify-content-center">
          <FileButton size="lg" onFiles={onFiles}>
            <Icon name="picture" size={20} /> {t('search.start.choose')}
          </FileButton>
          {touch && (
            <FileButton size="lg" variant="outline-primary" camera onFiles={onFiles}>
              <Icon name="camera" size={20} /> {t('search.start.photograph')}
            </FileButton>
          )}
        </div>
        <p className="small text-body-secondary mb-0">
          {limits === undefined
            ? t('search.start.formats')
            : t('search.start.formatsLimit', { size: formatBytes(i18n.language, limits.maxUploadBytes) })}
        </p>
      </section>
      <Newest />
      <p className="search-privacy small text-body-secondary">{t('search.start.privacy')}</p>
    </>
  );
}

/** The newest pictures of the gallery, to start from one of them. */
function Newest() {
  const { t, i18n } = useTranslation();
  const { data, error, refetch } = useQuery(newestQuery, {
    fetchPolicy: 'cache-and-network',
    nextFetchPolicy: 'cache-first',
  });
  const failed = error !== undefined && data === undefined;
  const goOn = useEffectEvent(() => void refetch());
  useEffect(() => {
    if (failed) return whenServerReturns(() => goOn());
    return undefined;
  }, [failed]);

  if (failed) {
    const failure = toFailure(error);
    // The banner above the page says it, and this goes on by itself.
    if (failure.code === 'NETWORK') return null;
    return <ErrorNotice failure={failure} onRetry={() => void refetch()} />;
  }
  const list = data?.galleryImages ?? null;
  if (list === null) {
    return (
      <div className="search-newest" aria-busy="true">
        <div className="search-head">
          <div className="skeleton-line heading" />
        </div>
        <div className="newest-grid">
          {Array.from({ length: 12 }, (_, i) => (
            <div key={i} className="newest-item skeleton" />
          ))}
        </div>
      </div>
    );
  }
  const images = list.edges.map(({ node }) => node);
  const total = list.totalCount;
  if (images.length === 0) {
    return (
      <EmptyState title={t('search.start.empty')}>
        <p className="search-measure mx-auto">{t('search.start.emptyHint')}</p>
        <Link className="btn btn-outline-primary" to="/gallery">
          {t('search.start.emptyAction')}
        </Link>
      </EmptyState>
    );
  }
  return (
    <section className="search-newest" aria-labelledby="newest-title">
      <div className="search-head">
        <h2 className="h5 mb-0" id="newest-title">
          {t('search.start.newest')}
        </h2>
        <p className="small text-body-secondary mb-0 tabular">
          {t('search.start.newestCount', { count: total, number: formatNumber(i18n.language, total) })}
        </p>
      </div>
      <ul className="newest-grid" style={{ ['--ratio' as string]: frameRatio(images) }}>
        {images.map((image) => {
          const name = image.title || t('common.untitled');
          return (
            <li key={image.id}>
              <Link
                className="newest-item"
                to={`/?image=${image.id}`}
                aria-label={t('search.start.searchBy', { name })}
                title={name}
              >
                <Thumbnail image={image} sizes="(min-width: 768px) 180px, 30vw" />
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
