import Alert from 'react-bootstrap/Alert';
import { useTranslation } from 'react-i18next';
import { useServerReachable } from '../api/reachability';

/** Told once, above every page, when the server does not answer. */
export function OfflineBanner() {
  const { t } = useTranslation();
  const reachable = useServerReachable();
  return (
    <div aria-live="polite">
      {!reachable && (
        <Alert variant="warning" className="mb-0 rounded-0 border-0 text-center py-2">
          {t('common.offline')}
        </Alert>
      )}
    </div>
  );
}
