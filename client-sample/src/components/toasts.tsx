import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useEffectEvent,
  useRef,
  useState,
  type ReactNode,
} from 'react';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';

export interface ToastOptions {
  readonly message: string;
  readonly variant?: 'info' | 'danger';
  /** A button beside the message; the toast goes when it is pressed. */
  readonly action?: { readonly label: string; readonly onClick: () => void };
  readonly durationMs?: number;
}

const DURATION_MS = 6000;

const ToastContext = createContext<(toast: ToastOptions) => void>(() => {});

/** Shows a short notice at the edge of the page. */
export const useToast = (): ((toast: ToastOptions) => void) => useContext(ToastContext);

export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly (ToastOptions & { readonly id: number })[]>([]);
  const next = useRef(0);
  const show = useCallback((toast: ToastOptions) => {
    const id = next.current++;
    setToasts((shown) => [...shown, { ...toast, id }]);
  }, []);
  const drop = (id: number): void => setToasts((shown) => shown.filter((toast) => toast.id !== id));

  return (
    <ToastContext value={show}>
      {children}
      <div className="toast-container position-fixed bottom-0 end-0 p-3" aria-live="polite">
        {toasts.map(({ id, ...toast }) => (
          <Toast key={id} {...toast} onClose={() => drop(id)} />
        ))}
      </div>
    </ToastContext>
  );
}

/**
 * Not the component of Bootstrap, which needs 5 KB for fading, and not in a chunk of its own: failures must be shown even
 * when no file can be fetched.
 */
function Toast({
  message,
  variant,
  action,
  durationMs = DURATION_MS,
  onClose,
}: ToastOptions & { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const close = useEffectEvent(onClose);
  useEffect(() => {
    const timer = setTimeout(() => close(), durationMs);
    return () => clearTimeout(timer);
  }, [durationMs]);
  return (
    <div
      className={`toast show ${variant === 'danger' ? 'text-bg-danger' : ''}`}
      role="alert"
      aria-live="assertive"
      aria-atomic="true"
    >
      <div className="toast-body d-flex align-items-center gap-3">
        <span className="flex-grow-1">{message}</span>
        {action !== undefined && (
          <Button
            size="sm"
            variant={variant === 'danger' ? 'light' : 'outline-primary'}
            onClick={() => {
              action.onClick();
              onClose();
            }}
          >
            {action.label}
          </Button>
        )}
        <Button className="btn-close" variant="" aria-label={t('common.close')} onClick={onClose} />
      </div>
    </div>
  );
}
