import type { ReactNode } from 'react';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';

interface WithCancelProps {
  readonly name: string;
  readonly busy: boolean;
  /** It was asked to end, and does when what is under way is done. */
  readonly stopping: boolean;
  readonly onCancel: () => void;
  readonly children: ReactNode;
}

/** Work under way, and the way to end it. */
export function WithCancel({ name, busy, stopping, onCancel, children }: WithCancelProps) {
  const { t } = useTranslation();
  return (
    <div className="model-work">
      <div className="flex-grow-1">{children}</div>
      <Button
        size="sm"
        variant="outline-secondary"
        disabled={busy || stopping}
        onClick={onCancel}
        aria-label={stopping ? undefined : t('models.cancelOf', { name })}
      >
        {t(stopping ? 'models.stopping' : 'common.cancel')}
      </Button>
    </div>
  );
}
