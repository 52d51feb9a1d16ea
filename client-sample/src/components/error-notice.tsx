import type { ReactNode } from 'react';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import type { Failure } from '../api/errors';
import { formatBytes, formatNumber } from '../lib/format';

interface ErrorNoticeProps {
  readonly failure: Failure;
  /** Offered where the same request may succeed when sent again. */
  readonly onRetry?: (() => void) | undefined;
  readonly children?: ReactNode;
}

/** What happened, what to do about it, and the id under which it is logged. */
export function ErrorNotice({ failure, onRetry, children }: ErrorNoticeProps) {
  const { t } = useTranslation();
  const message = useFailureMessage()(failure);
  return (
    <div className="alert alert-danger" role="alert">
      <p className="mb-0">{message}</p>
      {failure.errorId !== null && (
        <p className="mb-0 mt-1 small">{t('errors.errorId', { id: failure.errorId })}</p>
      )}
      {onRetry !== undefined && failure.retryable && (
        <Button variant="outline-danger" size="sm" className="mt-2" onClick={onRetry}>
          {t('common.retry')}
        </Button>
      )}
      {children}
    </div>
  );
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '?');

/** The sentence for a failure, in the language of the page. */
export function useFailureMessage(): (failure: Failure) => string {
  const { t, i18n } = useTranslation();
  return ({ key, code, details }) => {
    const inBytes = details['unit'] === 'bytes';
    const amount = (value: unknown): string => {
      if (typeof value !== 'number') return '?';
      return inBytes
        ? formatBytes(i18n.language, value)
        : formatNumber(i18n.language, value / 1e6, { maximumFractionDigits: 1 }) + ' MP';
    };
    const wait = details['retryAfterMs'];
    return t(`errors.${key}`, {
      code,
      path: text(details['path']),
      rule: text(details['rule']),
      limit: amount(details['limit']),
      actual: amount(details['actual']),
      seconds: Math.max(1, Math.ceil((typeof wait === 'number' ? wait : 2000) / 1000)),
    });
  };
}

/** The same as one sentence, where there is no room for a notice: with the id under which it is logged. */
export function useFailureText(): (failure: Failure) => string {
  const { t } = useTranslation();
  const tell = useFailureMessage();
  return (failure) =>
    failure.errorId === null
      ? tell(failure)
      : `${tell(failure)} ${t('errors.errorId', { id: failure.errorId })}`;
}
