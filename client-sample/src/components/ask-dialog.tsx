import type { ReactNode } from 'react';
import Button from 'react-bootstrap/Button';
import Modal from 'react-bootstrap/Modal';
import { useTranslation } from 'react-i18next';

interface AskDialogProps {
  readonly title: string;
  /** What the button that goes on says. */
  readonly action: string;
  readonly variant: 'danger' | 'primary';
  /** While the action runs the button does nothing. */
  readonly busy?: boolean;
  readonly onAction: () => void;
  readonly onHide: () => void;
  readonly children: ReactNode;
}

/** Says what will happen and asks first, since it cannot be undone. */
export function AskDialog({
  title,
  action,
  variant,
  busy = false,
  onAction,
  onHide,
  children,
}: AskDialogProps) {
  const { t } = useTranslation();
  return (
    <Modal show onHide={onHide} centered aria-labelledby="ask-title">
      <Modal.Header closeButton closeLabel={t('common.close')}>
        <Modal.Title as="h2" className="h5 text-break" id="ask-title">
          {title}
        </Modal.Title>
      </Modal.Header>
      <Modal.Body>{children}</Modal.Body>
      <Modal.Footer>
        <Button variant="outline-secondary" onClick={onHide}>
          {t('common.cancel')}
        </Button>
        <Button variant={variant} disabled={busy} autoFocus onClick={onAction}>
          {action}
        </Button>
      </Modal.Footer>
    </Modal>
  );
}
