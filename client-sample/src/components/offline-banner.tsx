import { useTranslation } from 'react-i18next';
import { useServerReachable } from '../api/reachability';

/** Shown above every page while the server does not answer. */
export function OfflineBanner() {
  const { t } = useTranslation();
  const reachable = useServerReachable();
  return (
    <div aria-live="polite">
      {!reachable && (
        <div className="alert alert-warning mb-0 rounded-0 border-0 text-center py-2" role="alert">
          {t('common.offline')}
        </div>
      )}
    </div>
  );
}
