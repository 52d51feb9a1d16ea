import { useEffect } from 'react';
import Button from 'react-bootstrap/Button';
import Container from 'react-bootstrap/Container';
import { useTranslation } from 'react-i18next';
import { checkReachable, isServerReachable, whenServerReturns } from '../api/reachability';

/** In place of a page that failed to load or to be drawn; the frame around it stays. */
export function PageError({ error }: { readonly error: unknown }) {
  const { t } = useTranslation();
  // Its files may not have come because the server is away: then it is loaded when that is back.
  useEffect(() => {
    checkReachable();
    return whenServerReturns(() => location.reload());
  }, []);
  return (
    <Container className="py-5">
      <div className="alert alert-danger" role="alert">
        <h1 className="h5">{t('common.crashed')}</h1>
        <p className="font-monospace small mb-3">{error instanceof Error ? error.message : String(error)}</p>
        <Button
          variant="outline-danger"
          size="sm"
          // Without a server the browser would replace this page by an error page of its own.
          onClick={() => (isServerReachable() ? location.reload() : checkReachable())}
        >
          {t('common.reload')}
        </Button>
      </div>
    </Container>
  );
}
