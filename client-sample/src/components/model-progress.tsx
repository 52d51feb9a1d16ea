import { useTranslation } from 'react-i18next';
import type { JobCardFragment } from '../gql/graphql';
import { formatBytes, formatNumber, formatSpan } from '../lib/format';
import { isRunning } from '../lib/job-state';

type ModelJob = Pick<JobCardFragment, 'state' | 'model'>;

/** How far a model is that is being fetched or made: its stage, how much of it, how fast, how long still. */
export function ModelProgress({ job, label }: { readonly job: ModelJob; readonly label: string }) {
  const { t, i18n } = useTranslation();
  const { state, model } = job;
  const locale = i18n.language;
  const running = isRunning(state);
  const total = model?.total ?? null;
  if (!running) return null;
  const downloading = model?.stage === 'DOWNLOADING';
  const amount = (value: number): string =>
    downloading ? formatBytes(locale, value) : formatNumber(locale, value);
  const pace = [
    model?.bytesPerSecond != null &&
      model.bytesPerSecond > 0 &&
      t('models.progress.speed', { size: formatBytes(locale, model.bytesPerSecond) }),
    model?.secondsLeft != null && t('common.job.left', { span: formatSpan(locale, model.secondsLeft) }),
  ].filter((part) => part !== false);
  return (
    <>
      <progress
        className="job-progress"
        aria-label={label}
        max={total ?? 1}
        {...(model == null || total === null || total === 0 ? {} : { value: model.done })}
      />
      <div className="job-line tabular">
        <span>
          {state === 'QUEUED'
            ? t('models.progress.waiting')
            : model == null
              ? t('models.progress.starting')
              : t(`models.progress.${model.stage}`)}
        </span>
        {model != null && total !== null && total > 0 && model.stage !== 'DONE' && (
          <span>{t('models.progress.bytes', { done: amount(model.done), total: amount(total) })}</span>
        )}
        {pace.length > 0 && <span className="ms-auto">{pace.join(' · ')}</span>}
      </div>
    </>
  );
}
