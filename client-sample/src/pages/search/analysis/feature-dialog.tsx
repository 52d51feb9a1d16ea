import Modal from 'react-bootstrap/Modal';
import { useTranslation } from 'react-i18next';
import { FeatureComparison, type Compared } from './feature-comparison';

interface FeatureDialogProps {
  readonly id: string;
  readonly compared: Compared | null;
  readonly onStopComparing: () => void;
  readonly onHide: () => void;
}

/** The feature picture with room for all its bars. */
export function FeatureDialog({ id, compared, onStopComparing, onHide }: FeatureDialogProps) {
  const { t } = useTranslation();
  return (
    <Modal
      show
      onHide={onHide}
      size="xl"
      fullscreen="md-down"
      centered
      scrollable
      aria-labelledby="feature-title"
      dialogClassName="feature-dialog"
    >
      <Modal.Header closeButton closeLabel={t('common.close')}>
        <Modal.Title id="feature-title" as="h2" className="h5">
          {t('search.analysis.feature')}
        </Modal.Title>
      </Modal.Header>
      <Modal.Body>
        <FeatureComparison id={id} compared={compared} onStopComparing={onStopComparing} />
        {compared !== null && (
          <p className="small text-body-secondary mt-3 mb-0">{t('search.analysis.productHint')}</p>
        )}
      </Modal.Body>
    </Modal>
  );
}
