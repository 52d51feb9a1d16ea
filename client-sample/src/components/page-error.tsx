import Container from 'react-bootstrap/Container';
import { useTranslation } from 'react-i18next';
import { useRouteError } from 'react-router';
import Alert from 'react-bootstrap/Alert';
import Button from 'react-bootstrap/Button';

/** In place of a page that failed to load or to be drawn; the frame around it stays. */
export function PageError() {
  const { t } = useTranslation();
  const error = useRouteError();
  return (
    <Container className="py-5">
      <Alert variant="danger" role="alert">
        <h1 className="h5">{t('common.crashed')}</h1>
        <p className="font-monospace small mb-3">{error instanceof Error ? error.message : String(error)}</p>
        <Button variant="outline-danger" size="sm" onClick={() => location.reload()}>
          {t('common.retry')}
        </Button>
      </Alert>
    </Container>
  );
}
