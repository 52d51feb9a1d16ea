import { useState } from 'react';
import Button from 'react-bootstrap/Button';
import Form from 'react-bootstrap/Form';
import Modal from 'react-bootstrap/Modal';
import { useTranslation } from 'react-i18next';
import { toFailure, type Failure } from '../../api/errors';
import { ErrorNotice } from '../../components/error-notice';

const MAX_NAME_LENGTH = 100;

interface NameDialogProps {
  readonly title: string;
  readonly name?: string;
  /** What the button says. */
  readonly action: string;
  readonly hint?: string | undefined;
  /** Stays open, with the reason, when this fails. */
  readonly onName: (name: string) => Promise<unknown>;
  readonly onHide: () => void;
}

/** Asks for the name of an album. */
export function NameDialog({ title, name: before = '', action, hint, onName, onHide }: NameDialogProps) {
  const { t } = useTranslation();
  const [name, setName] = useState(before);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const submit = (): void => {
    setBusy(true);
    setFailure(null);
    onName(name.trim()).then(onHide, (error: unknown) => {
      setFailure(toFailure(error));
      setBusy(false);
    });
  };
  return (
    <Modal show onHide={onHide} centered aria-labelledby="album-name-title">
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Modal.Header closeButton closeLabel={t('common.close')}>
          <Modal.Title as="h2" className="h5" id="album-name-title">
            {title}
          </Modal.Title>
        </Modal.Header>
        <Modal.Body>
          <Form.Label htmlFor="album-name">{t('albums.name')}</Form.Label>
          <Form.Control
            id="album-name"
            autoFocus
            maxLength={MAX_NAME_LENGTH}
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
          {hint !== undefined && <p className="small text-body-secondary mt-2 mb-0">{hint}</p>}
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
          <Button type="submit" disabled={busy || name.trim() === ''}>
            {action}
          </Button>
        </Modal.Footer>
      </Form>
    </Modal>
  );
}
