import { useState } from 'react';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { useFailureMessage } from '../../../components/error-notice';
import { Lightbox } from '../../../components/lightbox';
import { SimilarityBar } from '../../../components/similarity-bar';
import { readFragment } from '../../../gql';
import { formatNumber, formatPercent } from '../../../lib/format';
import { useRemovePictures } from '../../gallery/use-remove-pictures';
import { resultCardFragment } from '../documents';
import { PairMarks } from '../patches/pair-marks';
import { PatchOverlay } from '../patches/patch-overlay';
import { useExplanation } from '../patches/use-explanation';
import type { QueryInput } from '../query/run-search';
import type { Match } from './results';

interface MatchLightboxProps {
  readonly matches: readonly Match[];
  /** Of the picture that is shown. */
  readonly shown: string;
  readonly searchId: string;
  /** Null when the model tells no patches apart, or the query's picture is not here. */
  readonly explainable: QueryInput | null;
  /** Where the query picture can be seen. */
  readonly querySrc: string | null;
  readonly queryRatio: number;
  readonly onShow: (id: string) => void;
  readonly onClose: () => void;
  readonly onCompare: ((id: string) => void) | null;
}

/** The matches large, with what only a search knows of them. */
export function MatchLightbox(props: MatchLightboxProps) {
  const { matches, shown, searchId, explainable, querySrc, queryRatio, onShow, onClose, onCompare } = props;
  const { t, i18n } = useTranslation();
  const tell = useFailureMessage();
  const removePictures = useRemovePictures();
  const [why, setWhy] = useState(false);
  const found = matches.map((match) => readFragment(resultCardFragment, match));
  const index = found.findIndex(({ image }) => image.id === shown);
  const current = found[index];

  const explained = useExplanation({
    image: why && explainable !== null && current !== undefined ? current.image : null,
    searchId,
    input: explainable ?? { imageId: '' },
  });
  const explanation = explained?.explanation ?? null;

  const remove = (id: string): void => {
    const next = found[index + 1] ?? found[index - 1];
    if (next === undefined) onClose();
    else onShow(next.image.id);
    removePictures([id]);
  };

  return (
    <Lightbox
      images={found.map(({ image }) => image)}
      index={index}
      onIndexChange={(next) => {
        const match = found[next];
        if (match !== undefined) onShow(match.image.id);
      }}
      onClose={onClose}
      head={() =>
        current !== undefined && (
          <div className="mb-3">
            <SimilarityBar
              value={current.similarity}
              strength={current.strength}
              percentile={current.percentile}
            />
            <p className="small text-body-secondary tabular mb-0">
              {t('search.results.similarityOf', {
                percent: formatPercent(i18n.language, current.similarity),
                value: formatNumber(i18n.language, current.similarity, { maximumFractionDigits: 4 }),
              })}
            </p>
          </div>
        )
      }
      overlay={() =>
        explanation !== null && (
          <>
            <PatchOverlay src={explanation.match} grid={explanation.matchGrid} />
            <PairMarks pairs={explanation.pairs} of="match" />
          </>
        )
      }
      actions={(id) => (
        <>
          {explainable !== null && (
            <Button
              size="sm"
              variant="outline-secondary"
              active={why}
              aria-pressed={why}
              onClick={() => setWhy(!why)}
            >
              {t('search.results.why')}
            </Button>
          )}
          {onCompare !== null && (
            <Button size="sm" variant="outline-secondary" onClick={() => onCompare(id)}>
              {t('search.results.compareTitle')}
            </Button>
          )}
          <Button size="sm" variant="outline-danger" onClick={() => remove(id)}>
            {t('search.results.remove')}
          </Button>
        </>
      )}
    >
      {why && explainable !== null && (
        <section className="explanation" aria-live="polite">
          <h3 className="h6">{t('search.explanation.title')}</h3>
          {explained === undefined && (
            <p className="small text-body-secondary">{t('search.explanation.working')}</p>
          )}
          {explained != null && explanation === null && (
            <p className="small mb-0">
              {explained.failure === null ? t('search.explanation.none') : tell(explained.failure)}
            </p>
          )}
          {explanation !== null && (
            <>
              <p className="small text-body-secondary">{t('search.explanation.hint')}</p>
              <p className="small mb-1">
                {t('search.explanation.agreement')}{' '}
                <strong className="tabular">{formatPercent(i18n.language, explanation.agreement)}</strong>
              </p>
              {querySrc !== null && (
                <div className="explanation-query" style={{ ['--ratio' as string]: queryRatio }}>
                  <img src={querySrc} alt={t('search.explanation.query')} />
                  <PatchOverlay src={explanation.query} grid={explanation.queryGrid} />
                  <PairMarks pairs={explanation.pairs} of="query" />
                </div>
              )}
            </>
          )}
        </section>
      )}
    </Lightbox>
  );
}
