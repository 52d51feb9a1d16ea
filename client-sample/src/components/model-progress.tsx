import { useTranslation } from 'react-i18next';
import type { JobCardFragment } from '../gql/graphql';
import { formatBytes, formatNumber, formatPercent, formatSpan } from '../lib/format';
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
  const pace = [
    model?.bytesPerSecond != null &&
      model.bytesPerSecond > 0 &&
      t('models.progress.speed', { size: formatBytes(locale, model.bytesPerSecond) }),
    model?.secondsLeft != null &&
      t('common.job.left', { span: formatSpan(locale, Math.max(1, model.secondsLeft)) }),
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
        {model != null && state === 'RUNNING' && <Amount {...model} />}
        {pace.length > 0 && <span className="job-pace">{pace.join(' · ')}</span>}
      </div>
    </>
  );
}

/** Of bytes and pictures one wants to know how many; steps mean nothing to anybody. */
function Amount({ stage, done, total }: NonNullable<ModelJob['model']>) {
  const { t, i18n } = useTranslation();
  const locale = i18n.language;
  const amount = stage === 'DOWNLOADING' ? formatBytes : formatNumber;
  if (stage === 'DONE') return null;
  if (total == null || total === 0)
    return stage === 'DOWNLOADING' && done > 0 && <span>{formatBytes(locale, done)}</span>;
  if (stage === 'CONVERTING') return <span>{formatPercent(locale, done / total, 0)}</span>;
  return (
    <span>{t('models.progress.bytes', { done: amount(locale, done), total: amount(locale, total) })}</span>
  );
}
