import { useTranslation } from 'react-i18next';
import { formatNumber, formatSpan } from '../../lib/format';
import type { Switch } from './use-models';

interface SwitchProgressProps {
  readonly change: Switch & { readonly rate?: number };
  readonly name: string;
  /** Name of the one that serves until then. */
  readonly serving: string;
}

/** How many pictures have their vectors of the model that is to serve. */
export function SwitchProgress({ change, name, serving }: SwitchProgressProps) {
  const { t, i18n } = useTranslation();
  const number = (value: number, digits = 0): string =>
    formatNumber(i18n.language, value, { maximumFractionDigits: digits });
  const { state, total, embedded, failed, secondsLeft, message, rate = 0 } = change;
  const pace = [
    rate > 0 && t('common.job.rate', { number: number(rate, rate < 10 ? 1 : 0) }),
    secondsLeft != null && t('common.job.left', { span: formatSpan(i18n.language, secondsLeft) }),
  ].filter((part) => part !== false);
  return (
    <>
      <progress
        className="job-progress"
        aria-label={t('models.progress.switch', { name })}
        max={Math.max(1, total)}
        value={embedded + failed}
      />
      <div className="job-line tabular">
        <span>
          {state === 'WAITING'
            ? t('models.progress.waiting')
            : t('models.progress.filling', { done: number(embedded + failed), total: number(total) })}
        </span>
        {failed > 0 && <span>{t('models.progress.failedPictures', { number: number(failed) })}</span>}
        {pace.length > 0 && <span className="job-pace">{pace.join(' · ')}</span>}
      </div>
      {state === 'FAILED' && (
        <p className="small text-danger-emphasis mb-0 mt-1" role="alert">
          {t('models.changeFailed', { serving })} {message}
        </p>
      )}
    </>
  );
}
