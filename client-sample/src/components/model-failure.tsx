import { useTranslation } from 'react-i18next';
import type { ReactNode } from 'react';
import type { JobCardFragment } from '../gql/graphql';

const CODES = [
  'HUB_UNREACHABLE',
  'DOWNLOAD_FAILED',
  'STORAGE_FULL',
  'STORAGE_FAILED',
  'SHUTTING_DOWN',
] as const;

type EndedJob = Pick<JobCardFragment, 'kind' | 'code'>;

/** Why a model could not be fetched or made, and what to do about it. */
export function useModelFailure(): (job: EndedJob) => string {
  const { t } = useTranslation();
  return ({ kind, code }) => {
    if (code === 'MODEL_MISMATCH')
      return t(
        kind === 'MODEL_UPLOAD' ? 'models.failure.MODEL_MISMATCH_UPLOAD' : 'models.failure.MODEL_MISMATCH',
      );
    return t(`models.failure.${CODES.find((known) => known === code) ?? 'OTHER'}`);
  };
}

interface ModelFailureProps {
  readonly job: EndedJob & Pick<JobCardFragment, 'message'>;
  readonly children?: ReactNode;
}

export function ModelFailure({ job, children }: ModelFailureProps) {
  const { t } = useTranslation();
  const tell = useModelFailure();
  return (
    <div className="alert alert-danger model-notice" role="alert">
      <p className="mb-0">{tell(job)}</p>
      {job.message != null && (
        <details className="model-details">
          <summary>{t('models.failure.details')}</summary>
          {job.message}
        </details>
      )}
      {children}
    </div>
  );
}
