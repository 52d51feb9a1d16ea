import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { useFailureText } from '../../../components/error-notice';
import { formatBytes, formatPercent } from '../../../lib/format';
import { mayPass, isOpen, type Upload } from './upload-queue';

/** Most rows have this height; a failure may need more lines. */
const ROW = 52;

interface UploadListProps {
  readonly uploads: readonly Upload[];
  readonly onCancel: (id: number) => void;
  readonly onRetry: (id: number) => void;
}

/** First what fails or is under way, then what waits, then what is done: the interesting ones without scrolling. */
const ORDER = { failed: 0, sending: 1, working: 1, waiting: 2, cancelled: 3, duplicate: 4, added: 5 };

export function UploadList({ uploads, onCancel, onRetry }: UploadListProps) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const sorted = [...uploads].sort((a, b) => ORDER[a.state] - ORDER[b.state] || a.id - b.id);
  const rows = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 4,
    getItemKey: (index) => sorted[index]?.id ?? index,
  });
  return (
    <div
      ref={scroller}
      className="upload-scroller"
      tabIndex={0}
      role="group"
      aria-label={t('gallery.upload.files')}
    >
      <ul className="upload-list" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start, key }) => {
          const upload = sorted[index];
          return (
            upload && (
              <li
                key={key}
                ref={rows.measureElement}
                data-index={index}
                className="upload-row"
                style={{ transform: `translateY(${start}px)` }}
              >
                <UploadRow upload={upload} onCancel={onCancel} onRetry={onRetry} />
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}

interface UploadRowProps extends Omit<UploadListProps, 'uploads'> {
  readonly upload: Upload;
}

function UploadRow({ upload, onCancel, onRetry }: UploadRowProps) {
  const { t, i18n } = useTranslation();
  const tell = useFailureText();
  const { id, file, state, progress, failure } = upload;
  const size = formatBytes(i18n.language, file.size);
  const told =
    failure !== null
      ? tell(failure)
      : state === 'sending'
        ? `${t('gallery.upload.state.sending')} ${formatPercent(i18n.language, progress, 0)}`
        : t(`gallery.upload.state.${state}`);
  const again = state === 'cancelled' || mayPass(upload);
  return (
    <>
      <div className="upload-text">
        <div className="d-flex gap-2">
          <span className="text-truncate flex-grow-1" title={file.name}>
            {file.name}
          </span>
          <span className="small text-body-secondary text-nowrap tabular">{size}</span>
        </div>
        <div className={`small upload-${state}`}>{told}</div>
      </div>
      {isOpen(upload) && (
        <Button
          size="sm"
          variant="outline-secondary"
          aria-label={t('gallery.upload.cancelOne', { name: file.name })}
          onClick={() => onCancel(id)}
        >
          {t('common.cancel')}
        </Button>
      )}
      {again && (
        <Button
          size="sm"
          variant="outline-secondary"
          aria-label={t('gallery.upload.retryOne', { name: file.name })}
          onClick={() => onRetry(id)}
        >
          {t('common.retry')}
        </Button>
      )}
    </>
  );
}
