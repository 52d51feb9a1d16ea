import { useQuery } from '@apollo/client/react';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { toFailure } from '../../../api/errors';
import { ErrorNotice } from '../../../components/error-notice';
import { comparedVectorQuery, searchAnalysisQuery } from './documents';
import { FeaturePicture } from './feature-picture';

/** A match to compare with. */
export interface Compared {
  readonly id: string;
  readonly name: string;
}

interface FeatureComparisonProps {
  /** Of the search. */
  readonly id: string;
  readonly compared: Compared | null;
  readonly onStopComparing: () => void;
}

/** The feature picture of the query, beside a match's when one is chosen. */
export function FeatureComparison({ id, compared, onStopComparing }: FeatureComparisonProps) {
  const { t } = useTranslation();
  const analysis = useQuery(searchAnalysisQuery, { variables: { id } });
  const other = useQuery(comparedVectorQuery, {
    variables: { imageId: compared?.id ?? '' },
    skip: compared === null,
  });
  const vector = analysis.data?.search?.analysis?.vector;
  const failed = [analysis, other].find(({ error }) => error !== undefined);
  return (
    <>
      {compared === null ? (
        <p className="small text-body-secondary">{t('search.analysis.featureHint')}</p>
      ) : (
        <p className="small mb-2 d-flex gap-2 align-items-baseline" role="status">
          <span className="text-break flex-grow-1">
            {t('search.analysis.comparedWith', { name: compared.name })}
          </span>
          <Button size="sm" variant="link" className="p-0 text-nowrap" onClick={onStopComparing}>
            {t('search.analysis.stopComparing')}
          </Button>
        </p>
      )}
      {failed?.error !== undefined && (
        <ErrorNotice failure={toFailure(failed.error)} onRetry={() => void failed.refetch()} />
      )}
      {vector === undefined ? (
        <div className="feature-skeleton skeleton" />
      ) : (
        <FeaturePicture
          query={vector}
          other={compared === null ? null : (other.data?.imageAnalysis?.vector ?? null)}
        />
      )}
    </>
  );
}
