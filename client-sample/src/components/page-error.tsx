import { useEffect } from 'react';
import Alert from 'react-bootstrap/Alert';
import Button from 'react-bootstrap/Button';
import Container from 'react-bootstrap/Container';
import { useTranslation } from 'react-i18next';
import { useRouteError } from 'react-router';
import { checkReachable, isServerReachable, whenServerReturns } from '../api/reachability';

/** In place of a page that failed to load or to be drawn; the frame around it stays. */
export function PageError() {
  const { t } = useTranslation();
  const error = useRouteError();
  // Its files may not have come because the server is away: then it is loaded when that is back.
  useEffect(() => {
    checkReachable();
    return whenServerReturns(() => location.reload());
  }, []);
  return (
    <Container className="py-5">
      <Alert variant="danger" role="alert">
        <h1 className="h5">{t('common.crashed')}</h1>
        <p className="font-monospace small mb-3">{error instanceof Error ? error.message : String(error)}</p>
        <Button
          variant="outline-danger"
          size="sm"
          // Without a server the browser would put a page of its own in the place of this one.
          onClick={() => (isServerReachable() ? location.reload() : checkReachable())}
        >
          {t('common.retry')}
        </Button>
      </Alert>
    </Container>
  );
}
