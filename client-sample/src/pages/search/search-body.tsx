import { useQuery } from '@apollo/client/react';
import { Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import Button from 'react-bootstrap/Button';
import Form from 'react-bootstrap/Form';
import { useTranslation } from 'react-i18next';
import { failure as failureOf } from '../../api/errors';
import { EmptyState } from '../../components/empty-state';
import { ErrorNotice } from '../../components/error-notice';
import { Icon } from '../../components/icon';
import { readFragment } from '../../gql';
import { useMediaQuery } from '../../lib/use-media-query';
import { later, lazyPart } from '../../navigation/lazy-part';
import { toFilter, type Source } from './address/search-address';
import type { SearchAddress } from './address/use-search-view';
import { queryFactsFragment, queryPictureQuery, resultCardFragment } from './documents';
import { PatchOverlay } from './patches/patch-overlay';
import { usePatchMap } from './patches/use-patch-map';
import { FileButton } from './query/file-button';
import { fileWasSearched } from './query/query-files';
import { QueryPanel } from './query/query-panel';
import type { QueryInput } from './query/run-search';
import { useQueryFile } from './query/use-query-file';
import { useSearch } from './query/use-search';
import { imageOf, Results, type Match } from './results/results';
import { SearchControls } from './results/search-controls';
import { useDraft } from './results/use-draft';
import type { LimitsOf } from './start/use-limits';

// Not needed for the first matches.
const AnalysisPanel = lazyPart(async () => (await import('./analysis/analysis-panel')).AnalysisPanel).Part;
const FeatureDialog = later(async () => (await import('./analysis/feature-dialog')).FeatureDialog);
const MatchLightbox = later(async () => (await import('./results/match-lightbox')).MatchLightbox);

const REST_MS = 300;
const NONE: readonly never[] = [];

interface SearchBodyProps {
  readonly source: Source;
  readonly address: SearchAddress;
  readonly limits: LimitsOf;
  readonly gallerySize: number | undefined;
  readonly onFiles: (files: readonly File[]) => void;
}

/** A search: its query, what the server made of it, and its matches. */
export function SearchBody({ source, address, limits, gallerySize, onFiles }: SearchBodyProps) {
  const { t } = useTranslation();
  const { view, change, show, hide } = address;
  const wide = useMediaQuery('(min-width: 992px)');
  const [analysisOpen, setAnalysisOpen] = useState(false);
  const [patches, setPatches] = useState(false);
  const [compared, setCompared] = useState<string | null>(null);

  const file = useQueryFile(source);
  const isImage = source.kind === 'image';
  const picture = useQuery(queryPictureQuery, { variables: { id: source.id }, skip: !isImage });
  const image = isImage ? (picture.data?.galleryImage ?? null) : null;
  const input = useMemo<QueryInput | null | undefined>(
    () => (isImage ? { imageId: source.id } : file && { file: file.file }),
    [isImage, source.id, file],
  );

  const minimumDraft = useDraft(view.minimum, (value) => change({ minimum: value }), REST_MS);
  const countDraft = useDraft(view.count, (value) => change({ count: value }), REST_MS);
  const { value: minimum } = minimumDraft;
  const { value: count } = countDraft;
  const filter = useMemo(() => toFilter(view), [view]);
  const mostCount = (limits?.maxTopK ?? 1000) - 1;
  const search = useSearch({
    source,
    input,
    // A picture of the gallery is among its own matches.
    topK: Math.min(view.count, mostCount) + (isImage ? 1 : 0),
    filter,
    limits,
    onSearched: (id) => {
      if (isImage || file == null) return;
      fileWasSearched(source, file, id);
      change({ source: { kind: 'search', id } });
    },
  });
  const facts = readFragment(queryFactsFragment, search.facts);
  const sha256 = facts?.sha256 ?? null;
  const size = facts ?? image;

  const matches = useMemo<readonly Match[] | null>(
    () =>
      search.matches?.filter((match) => !isImage || imageOf(match).id !== source.id).slice(0, count) ?? null,
    [search.matches, isImage, source.id, count],
  );
  const passing = useMemo(() => {
    // As it is written on the card: 99.96 % reads 100.0 %, and then 100 % has to let it through.
    const least = Math.round(minimum * 1000);
    return (matches ?? NONE).filter(
      (match) => Math.round(readFragment(resultCardFragment, match).similarity * 1000) >= least,
    );
  }, [matches, minimum]);
  const same = useMemo(
    () => search.matches?.map(imageOf).find((one) => sha256 !== null && one.sha256 === sha256) ?? null,
    [search.matches, sha256],
  );

  const [enlarged, setEnlarged] = useState(false);
  const onCompare = useCallback(
    (id: string) => {
      setCompared((before) => (before === id && wide ? null : id));
      // Where the analysis is not beside the matches, it comes to them.
      if (!wide) setEnlarged(true);
    },
    [wide],
  );
  const shownThere = passing.some((match) => imageOf(match).id === view.shown);
  useFocusAfterClosing(view.shown);
  const comparable = search.id === null ? null : onCompare;
  const comparedMatch = matches?.map(imageOf).find(({ id }) => id === compared);
  const comparedWith =
    comparedMatch === undefined
      ? null
      : { id: comparedMatch.id, name: comparedMatch.title || t('common.untitled') };
  const stopComparing = (): void => setCompared(null);

  const named = file?.name ?? (file != null ? t('search.query.pasted') : null) ?? image?.title ?? same?.title;
  const name = named || t(source.kind === 'search' ? 'search.query.earlier' : 'common.untitled');

  const hasPatches = facts?.model.hasPatchTokens === true && input != null;
  const patchMap = usePatchMap(input ?? null, hasPatches && patches);
  // Once it is known that there is such a search, for when the picture cannot be shown otherwise.
  const kept =
    source.kind === 'search' && facts != null && file !== undefined ? `/media/history/${source.id}` : null;
  const gone = search.gone;
  const missing = isImage && picture.data !== undefined && picture.data.galleryImage === null;

  if (missing || gone) {
    return (
      <>
        <h1 className="visually-hidden">{t('search.title')}</h1>
        {missing ? (
          <ErrorNotice failure={failureOf('IMAGE_NOT_FOUND')} />
        ) : (
          <EmptyState title={t(source.kind === 'file' ? 'search.gone.noPicture' : 'search.gone.title')}>
            <p className="search-measure mx-auto">
              {t(source.kind === 'file' ? 'search.gone.noPictureHint' : 'search.gone.hint')}
            </p>
          </EmptyState>
        )}
        <p className="d-flex flex-wrap gap-2 justify-content-center">
          <FileButton onFiles={onFiles}>{t('search.start.choose')}</FileButton>
          <Button variant="outline-secondary" onClick={() => address.search(null)}>
            {t('search.query.startOver')}
          </Button>
        </p>
      </>
    );
  }

  const analysis = search.id !== null && search.facts !== null && (
    <Suspense fallback={<div className="feature-skeleton skeleton" />}>
      <AnalysisPanel
        id={search.id}
        facts={search.facts}
        minimum={view.minimum}
        compared={comparedWith}
        onStopComparing={stopComparing}
        onEnlarge={() => setEnlarged(true)}
      />
    </Suspense>
  );
  return (
    <div className="search-body">
      <h1 className="visually-hidden">{t('search.query.heading', { name })}</h1>
      <div className="search-side">
        <QueryPanel
          name={name}
          preview={{ file: file ?? null, image: image ?? same, kept }}
          facts={facts}
          size={size}
          fromGallery={isImage}
          thereAs={same?.id ?? null}
          addable={search.id !== null}
          failed={search.failure !== null}
          onAdded={() => {
            if (matches?.length === 0) search.refresh();
          }}
          onFiles={onFiles}
          onStartOver={() => address.search(null)}
          overlay={
            patches && patchMap.map !== null ? (
              <PatchOverlay src={patchMap.map.src} grid={patchMap.map.grid} className="patch-map" />
            ) : null
          }
        >
          {hasPatches && (
            <div className="query-patches">
              <Form.Switch
                id="patches"
                label={t('search.query.patches')}
                checked={patches}
                onChange={({ target }) => setPatches(target.checked)}
              />
              {patches && (
                <p className="small text-body-secondary mb-0" role="status">
                  {t(
                    patchMap.failed
                      ? 'search.query.patchesFailed'
                      : patchMap.loading
                        ? 'common.loading'
                        : 'search.query.patchesHint',
                  )}
                </p>
              )}
            </div>
          )}
        </QueryPanel>
        <section
          className="analysis"
          hidden={search.facts === null && !search.searching}
          aria-label={t('search.analysis.title')}
        >
          {wide ? (
            <h2 className="h6">{t('search.analysis.title')}</h2>
          ) : (
            <h2 className="h6 mb-0">
              <button
                type="button"
                className="analysis-toggle"
                aria-expanded={analysisOpen}
                aria-controls="analysis"
                onClick={() => setAnalysisOpen(!analysisOpen)}
              >
                {t('search.analysis.title')}
                <Icon name="down" />
              </button>
            </h2>
          )}
          <div id="analysis" hidden={!wide && !analysisOpen}>
            {(wide || analysisOpen) &&
              (analysis || (search.searching && <div className="feature-skeleton skeleton" />))}
          </div>
        </section>
      </div>
      <div className="search-main">
        <SearchControls
          minimum={minimum}
          onMinimum={minimumDraft.change}
          count={count}
          onCount={countDraft.change}
          view={view}
          onTags={change}
          mostCount={mostCount}
        />
        <Results
          search={search}
          view={view}
          matches={matches}
          passing={passing}
          minimum={minimum}
          sha256={isImage ? null : sha256}
          totalMs={facts?.timings.totalMs ?? null}
          gallerySize={gallerySize}
          saved={
            search.id === null
              ? null
              : {
                  name: name.slice(0, 100),
                  search: {
                    ...(isImage ? { imageId: source.id } : { searchId: search.id }),
                    topK: Math.min(view.count, mostCount) + (isImage ? 1 : 0),
                    minSimilarity: view.minimum,
                    filter,
                  },
                }
          }
          compared={comparedMatch?.id ?? null}
          onCompare={comparable}
          onOpen={show}
          onAnySimilarity={() => minimumDraft.settle(0)}
          onAnyTags={() => change({ tags: [] })}
        />
      </div>
      {enlarged && search.id !== null && (
        <FeatureDialog
          id={search.id}
          compared={comparedWith}
          onStopComparing={stopComparing}
          onHide={() => setEnlarged(false)}
        />
      )}
      {shownThere && view.shown !== null && search.id !== null && (
        <MatchLightbox
          matches={passing}
          shown={view.shown}
          searchId={search.id}
          explainable={hasPatches ? (input ?? null) : null}
          querySrc={file?.url ?? (isImage ? `/media/${source.id}/thumbnail?width=640` : null)}
          queryRatio={size === null ? 1 : size.width / size.height}
          onShow={(id) => change({ shown: id })}
          onClose={hide}
          onCompare={(id) => {
            setCompared(id);
            setEnlarged(true);
            hide();
          }}
        />
      )}
    </div>
  );
}

/** When the lightbox is closed, the keyboard goes on at the picture that was shown last. */
function useFocusAfterClosing(shown: string | null): void {
  const before = useRef(shown);
  useEffect(() => {
    const last = before.current;
    before.current = shown;
    if (shown !== null || last === null) return;
    // After the dialog has returned the focus to what opened it.
    const frame = requestAnimationFrame(() =>
      document.querySelector<HTMLElement>(`.result-picture[data-id="${CSS.escape(last)}"]`)?.focus(),
    );
    return () => cancelAnimationFrame(frame);
  }, [shown]);
}
