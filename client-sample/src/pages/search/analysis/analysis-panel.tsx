import '../../../styles/image-details.css';
import { useQuery } from '@apollo/client/react';
import { useEffect, useRef } from 'react';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { readFragment, type FragmentType } from '../../../gql';
import { formatBytes, formatNumber, formatPercent } from '../../../lib/format';
import { queryFactsFragment } from '../documents';
import { ColourSwatches } from './colour-swatches';
import { matchCountQuery, searchAnalysisQuery } from './documents';
import { FeatureComparison, type Compared } from './feature-comparison';
import { StageBar } from './stage-bar';

interface AnalysisPanelProps {
  /** Of the search. */
  readonly id: string;
  readonly facts: FragmentType<typeof queryFactsFragment>;
  /** As the address says it: settled. */
  readonly minimum: number;
  readonly compared: Compared | null;
  readonly onStopComparing: () => void;
  readonly onEnlarge: () => void;
}

/** Where there is no minimum, all pictures would count: this tells more. */
const USUAL_MINIMUM = 0.5;

/** What the server made of the query. */
export function AnalysisPanel({
  id,
  facts,
  minimum,
  compared,
  onStopComparing,
  onEnlarge,
}: AnalysisPanelProps) {
  const { t, i18n } = useTranslation();
  const { width, height, format, bytes, model, timings } = readFragment(queryFactsFragment, facts);
  const analysis = useQuery(searchAnalysisQuery, { variables: { id } });
  const least = minimum > 0 ? minimum : USUAL_MINIMUM;
  const counting = useQuery(matchCountQuery, { variables: { id, minSimilarity: least } });
  // Chosen below a match, it may be out of sight here.
  const feature = useRef<HTMLDivElement>(null);
  const comparedId = compared?.id;
  useEffect(() => {
    if (comparedId !== undefined) feature.current?.scrollIntoView({ block: 'nearest' });
  }, [comparedId]);

  const number = (value: number): string => formatNumber(i18n.language, value);
  const counted = counting.data?.search ?? counting.previousData?.search;
  const count = counted?.analysis?.matchCount;
  const known = analysis.data?.search?.analysis;
  return (
    <div className="analysis-body">
      <dl className="image-facts mt-0">
        <dt>{t('search.analysis.size')}</dt>
        <dd>{`${width} × ${height}`}</dd>
        <dt>{t('search.analysis.format')}</dt>
        <dd>{format.toUpperCase()}</dd>
        <dt>{t('search.analysis.file')}</dt>
        <dd>{formatBytes(i18n.language, bytes)}</dd>
        <dt>{t('search.analysis.model')}</dt>
        <dd>
          {t('search.analysis.modelValue', {
            id: model.id,
            precision: model.precision,
            size: model.inputSize.replace(/^(\d+)x(\d+)$/, '$1 × $2'),
          })}
        </dd>
        <dt>{t('search.analysis.dimension')}</dt>
        <dd>{t('search.analysis.dimensionValue', { number: number(model.dimension) })}</dd>
        <dt>{t('search.analysis.matching', { minimum: formatPercent(i18n.language, least, 0) })}</dt>
        <dd className={counting.loading && count !== undefined ? 'opacity-50' : ''}>
          {count === undefined ? '…' : t('search.analysis.matchingValue', { count, number: number(count) })}
        </dd>
      </dl>

      <h3>{t('search.analysis.time')}</h3>
      <StageBar timings={timings} />

      <h3>{t('search.analysis.colours')}</h3>
      {known ? <ColourSwatches colours={known.dominantColors} /> : <div className="swatch-bar skeleton" />}

      <div ref={feature} className="analysis-feature">
        <div className="d-flex align-items-baseline">
          <h3 className="flex-grow-1">{t('search.analysis.feature')}</h3>
          <Button size="sm" variant="link" className="p-0" onClick={onEnlarge}>
            {t('search.analysis.enlarge')}
          </Button>
        </div>
        <FeatureComparison id={id} compared={compared} onStopComparing={onStopComparing} />
      </div>
    </div>
  );
}
