import { useState } from 'react';
import Button from 'react-bootstrap/Button';
import Form from 'react-bootstrap/Form';
import Modal from 'react-bootstrap/Modal';
import { useTranslation } from 'react-i18next';
import { formatBytes, formatNumber } from '../../lib/format';
import type { Model } from './use-models';

interface RemoveDialogProps {
  readonly model: Model;
  readonly onRemove: (vectors: boolean) => void;
  readonly onHide: () => void;
}

/** What is lost with a model; there is no undoing it, so it is asked about first. */
export function RemoveDialog({ model, onRemove, onHide }: RemoveDialogProps) {
  const { t, i18n } = useTranslation();
  const [vectors, setVectors] = useState(false);
  const { name, bytesOnDisk, offers } = model;
  const here = Math.max(0, ...offers.map(({ downloadedBytes }) => downloadedBytes));
  const isWhole = bytesOnDisk != null;
  const pictures = model.pictures ?? 0;
  return (
    <Modal show onHide={onHide} centered aria-labelledby="remove-title">
      <Modal.Header closeButton closeLabel={t('common.close')}>
        <Modal.Title as="h2" className="h5" id="remove-title">
          {t('models.removal.title', { name })}
        </Modal.Title>
      </Modal.Header>
      <Modal.Body>
        <p>
          {t(isWhole ? 'models.removal.model' : 'models.removal.partial', {
            size: formatBytes(i18n.language, bytesOnDisk ?? here),
          })}
        </p>
        {pictures > 0 && (
          <div className="mb-3">
            <Form.Check
              id="remove-vectors"
              label={t('models.removal.vectors', {
                count: pictures,
                number: formatNumber(i18n.language, pictures),
              })}
              checked={vectors}
              onChange={({ target }) => setVectors(target.checked)}
              aria-describedby="remove-vectors-hint"
            />
            <Form.Text id="remove-vectors-hint">{t('models.removal.vectorsHint')}</Form.Text>
          </div>
        )}
        <p className="mb-0">{t('models.removal.forGood')}</p>
      </Modal.Body>
      <Modal.Footer>
        <Button variant="outline-secondary" onClick={onHide}>
          {t('common.cancel')}
        </Button>
        <Button variant="danger" autoFocus onClick={() => onRemove(vectors)}>
          {t('models.removal.remove')}
        </Button>
      </Modal.Footer>
    </Modal>
  );
}
