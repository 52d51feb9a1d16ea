import '../../../styles/image-details.css';
import { useQuery } from '@apollo/client/react';
import { useState } from 'react';
import Button from 'react-bootstrap/Button';
import Modal from 'react-bootstrap/Modal';
import { useTranslation } from 'react-i18next';
import { toFailure } from '../../../api/errors';
import { ErrorNotice } from '../../../components/error-notice';
import { readFragment, type FragmentType } from '../../../gql';
import { formatBytes, formatNumber, formatPercent } from '../../../lib/format';
import { queryFactsFragment } from '../documents';
import { ColourSwatches } from './colour-swatches';
import { comparedVectorQuery, matchCountQuery, searchAnalysisQuery } from './documents';
import { FeaturePicture } from './feature-picture';
import { StageBar } from './stage-bar';

interface AnalysisPanelProps {
  /** Of the search. */
  readonly id: string;
  readonly facts: FragmentType<typeof queryFactsFragment>;
  /** As the address says it: settled. */
  readonly minimum: number;
  readonly compared: { readonly id: string; readonly name: string } | null;
  readonly onStopComparing: () => void;
}

/** Where there is no minimum, all pictures would count: this tells more. */
const USUAL_MINIMUM = 0.5;

/** What the server made of the query. */
export function AnalysisPanel({ id, facts, minimum, compared, onStopComparing }: AnalysisPanelProps) {
  const { t, i18n } = useTranslation();
  const { width, height, format, bytes, model, timings } = readFragment(queryFactsFragment, facts);
  const analysis = useQuery(searchAnalysisQuery, { variables: { id } });
  const least = minimum > 0 ? minimum : USUAL_MINIMUM;
  const counting = useQuery(matchCountQuery, { variables: { id, minSimilarity: least } });
  const other = useQuery(comparedVectorQuery, {
    variables: { imageId: compared?.id ?? '' },
    skip: compared === null,
  });
  const [enlarged, setEnlarged] = useState(false);

  const number = (value: number): string => formatNumber(i18n.language, value);
  const counted = counting.data?.search ?? counting.previousData?.search;
  const count = counted?.analysis.matchCount;
  const known = analysis.data?.search?.analysis;
  const otherVector = compared === null ? null : (other.data?.imageAnalysis.vector ?? null);
  const feature = known && (
    <>
      {compared !== null && (
        <p className="small mb-2 d-flex gap-2 align-items-baseline">
          <span className="text-break flex-grow-1">
            {t('search.analysis.comparedWith', { name: compared.name })}
          </span>
          <Button size="sm" variant="link" className="p-0 text-nowrap" onClick={onStopComparing}>
            {t('search.analysis.stopComparing')}
          </Button>
        </p>
      )}
      <FeaturePicture query={known.vector} other={otherVector} />
    </>
  );
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
            size: model.inputSize.replace('x', ' × '),
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

      <div className="d-flex align-items-baseline">
        <h3 className="flex-grow-1">{t('search.analysis.feature')}</h3>
        <Button size="sm" variant="link" className="p-0" disabled={!known} onClick={() => setEnlarged(true)}>
          {t('search.analysis.enlarge')}
        </Button>
      </div>
      {compared === null && <p className="small text-body-secondary">{t('search.analysis.featureHint')}</p>}
      {analysis.error !== undefined && (
        <ErrorNotice failure={toFailure(analysis.error)} onRetry={() => void analysis.refetch()} />
      )}
      {feature ?? <div className="feature-skeleton skeleton" />}
      {other.error !== undefined && (
        <ErrorNotice failure={toFailure(other.error)} onRetry={() => void other.refetch()} />
      )}

      <Modal
        show={enlarged}
        onHide={() => setEnlarged(false)}
        size="xl"
        centered
        scrollable
        aria-labelledby="feature-title"
        dialogClassName="feature-dialog"
      >
        <Modal.Header closeButton closeLabel={t('common.close')}>
          <Modal.Title id="feature-title" as="h2" className="h5">
            {t('search.analysis.feature')}
          </Modal.Title>
        </Modal.Header>
        <Modal.Body>
          <p className="text-body-secondary">
            {t(compared === null ? 'search.analysis.featureHint' : 'search.analysis.productHint')}
          </p>
          {feature}
        </Modal.Body>
      </Modal>
    </div>
  );
}
