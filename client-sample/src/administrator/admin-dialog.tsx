import { useState } from 'react';
import Button from 'react-bootstrap/Button';
import Form from 'react-bootstrap/Form';
import Modal from 'react-bootstrap/Modal';
import { useTranslation } from 'react-i18next';

/** Nobody said who they are; the token is wrong; the server has none and this is another machine. */
export type Refusal = 'question' | 'wrong' | 'none';

interface AdminDialogProps {
  readonly why: Refusal;
  readonly onToken: (token: string) => void;
  readonly onHide: () => void;
}

/** What a header can carry. */
const SENDABLE = /^[\x21-\x7e]+$/;

/** How an administrator gets in. */
export function AdminDialog({ why, onToken, onHide }: AdminDialogProps) {
  const { t } = useTranslation();
  const [token, setToken] = useState('');
  const [refused, setRefused] = useState(false);
  const wrong = why === 'wrong' || refused;
  return (
    <Modal show onHide={onHide} centered aria-labelledby="admin-title">
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          if (SENDABLE.test(token.trim())) onToken(token.trim());
          else setRefused(true);
        }}
      >
        <Modal.Header closeButton closeLabel={t('common.close')}>
          <Modal.Title as="h2" className="h5" id="admin-title">
            {t('admin.title')}
          </Modal.Title>
        </Modal.Header>
        <Modal.Body>
          <p>{t(why === 'none' ? 'admin.none' : 'admin.question')}</p>
          {wrong && (
            <div className="alert alert-danger" role="alert">
              {t('admin.wrong')}
            </div>
          )}
          <Form.Group controlId="admin-token">
            <Form.Label>{t('admin.token')}</Form.Label>
            <Form.Control
              type="password"
              autoComplete="off"
              autoFocus
              required
              value={token}
              onChange={({ target }) => setToken(target.value)}
            />
          </Form.Group>
        </Modal.Body>
        <Modal.Footer>
          <Button variant="outline-secondary" onClick={onHide}>
            {t('common.cancel')}
          </Button>
          <Button type="submit">{t('admin.enter')}</Button>
        </Modal.Footer>
      </Form>
    </Modal>
  );
}
