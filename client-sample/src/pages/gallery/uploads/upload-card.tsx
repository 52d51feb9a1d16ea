import { useEffect, useState } from 'react';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { formatNumber } from '../../../lib/format';
import { UploadList } from './upload-list';
import { mayPass, type Pause } from './upload-queue';
import { useUploads } from './use-uploads';

/** The queue of uploads: its progress and, on demand, each file. Nothing while it is empty. */
export function UploadCard() {
  const { t, i18n } = useTranslation();
  const { queue, snapshot } = useUploads();
  // On a phone it would cover half the page.
  const [open, setOpen] = useState(() => window.innerWidth >= 576);
  const { uploads, counts, active, pause } = snapshot;
  if (uploads.length === 0) return null;

  const number = (value: number): string => formatNumber(i18n.language, value);
  const finished = uploads.length - counts.waiting - counts.sending - counts.working;
  const summary = (['added', 'duplicate', 'failed', 'cancelled'] as const)
    .filter((state) => counts[state] > 0)
    .map((state) =>
      t(`gallery.upload.summary.${state}`, { count: counts[state], number: number(counts[state]) }),
    );
  const under = uploads.reduce(
    (sum, { state, progress }) => sum + (state === 'sending' || state === 'working' ? progress : 0),
    0,
  );

  return (
    <section className="dock-card" aria-label={t('gallery.upload.label')}>
      <div className="dock-card-head">
        <button
          type="button"
          className="dock-card-toggle"
          aria-expanded={open}
          aria-controls="upload-list"
          onClick={() => setOpen(!open)}
        >
          <span className="fw-semibold">
            {active
              ? t('gallery.upload.running', { done: number(finished), total: number(uploads.length) })
              : t('gallery.upload.finished')}
          </span>
          <span className="small text-body-secondary">{summary.join(' · ')}</span>
        </button>
        {active ? (
          <Button size="sm" variant="outline-secondary" onClick={() => queue.cancelAll()}>
            {t('gallery.upload.cancelAll')}
          </Button>
        ) : (
          <>
            {uploads.some(mayPass) && (
              <Button size="sm" variant="outline-secondary" onClick={() => queue.retryFailed()}>
                {t('gallery.upload.retryFailed')}
              </Button>
            )}
            <Button
              className="btn-close"
              variant=""
              aria-label={t('common.close')}
              onClick={() => queue.clear()}
            />
          </>
        )}
      </div>
      <progress
        className="dock-progress"
        max={uploads.length}
        value={finished + under * 0.9}
        aria-label={t('gallery.upload.label')}
      />
      {pause !== null && active && <PauseNote pause={pause} />}
      {open && (
        <div id="upload-list">
          <UploadList
            uploads={uploads}
            onCancel={(id) => queue.cancel(id)}
            onRetry={(id) => queue.retry(id)}
          />
        </div>
      )}
      <p className="visually-hidden" role="status">
        {active ? '' : `${t('gallery.upload.finished')} ${summary.join(', ')}`}
      </p>
    </section>
  );
}

/** Why the queue is paused, and for how long. */
function PauseNote({ pause: { reason, until } }: { readonly pause: Pause }) {
  const { t, i18n } = useTranslation();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  const seconds = until === null ? 0 : Math.max(1, Math.ceil((until - now) / 1000));
  return (
    <p className="small text-warning-emphasis px-3 py-2 mb-0">
      {reason === 'offline'
        ? t('gallery.upload.offline')
        : t('gallery.upload.busy', { seconds: formatNumber(i18n.language, seconds) })}
    </p>
  );
}
