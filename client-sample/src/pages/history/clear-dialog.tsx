import Button from 'react-bootstrap/Button';
import Modal from 'react-bootstrap/Modal';
import { useTranslation } from 'react-i18next';
import type { Failure } from '../../api/errors';
import { ErrorNotice } from '../../components/error-notice';
import { formatNumber } from '../../lib/format';

interface ClearDialogProps {
  readonly count: number;
  readonly busy: boolean;
  readonly failure: Failure | null;
  readonly onClear: () => void;
  readonly onHide: () => void;
}

/** The whole history cannot be brought back, so it is asked about first. */
export function ClearDialog({ count, busy, failure, onClear, onHide }: ClearDialogProps) {
  const { t, i18n } = useTranslation();
  return (
    <Modal show onHide={onHide} centered aria-labelledby="clear-title">
      <Modal.Header closeButton closeLabel={t('common.close')}>
        <Modal.Title as="h2" className="h5" id="clear-title">
          {t('history.clearTitle')}
        </Modal.Title>
      </Modal.Header>
      <Modal.Body>
        <p className="mb-0">
          {t('history.clearQuestion', { count, number: formatNumber(i18n.language, count) })}
        </p>
        {failure !== null && (
          <div className="mt-3">
            <ErrorNotice failure={failure} />
          </div>
        )}
      </Modal.Body>
      <Modal.Footer>
        <Button variant="outline-secondary" onClick={onHide}>
          {t('common.cancel')}
        </Button>
        <Button variant="danger" disabled={busy} onClick={onClear} autoFocus>
          {t('history.clearAll')}
        </Button>
      </Modal.Footer>
    </Modal>
  );
}
