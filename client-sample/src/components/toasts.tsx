import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from 'react';
import Button from 'react-bootstrap/Button';
import Toast from 'react-bootstrap/Toast';
import ToastContainer from 'react-bootstrap/ToastContainer';
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

/** Tells something in passing, at the edge of the page. */
export const useToast = (): ((toast: ToastOptions) => void) => useContext(ToastContext);

export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const { t } = useTranslation();
  const [toasts, setToasts] = useState<readonly (ToastOptions & { readonly id: number })[]>([]);
  const next = useRef(0);
  const show = useCallback((toast: ToastOptions) => {
    const id = next.current++;
    setToasts((shown) => [...shown, { ...toast, id }]);
  }, []);
  const drop = (id: number): void => setToasts((shown) => shown.filter((toast) => toast.id !== id));
  const value = useMemo(() => show, [show]);

  return (
    <ToastContext value={value}>
      {children}
      <ToastContainer position="bottom-end" containerPosition="fixed" className="p-3" aria-live="polite">
        {toasts.map(({ id, message, variant, action, durationMs = DURATION_MS }) => (
          <Toast
            key={id}
            onClose={() => drop(id)}
            delay={durationMs}
            autohide
            className={variant === 'danger' ? 'text-bg-danger' : ''}
          >
            <Toast.Body className="d-flex align-items-center gap-3">
              <span className="flex-grow-1">{message}</span>
              {action !== undefined && (
                <Button
                  size="sm"
                  variant={variant === 'danger' ? 'light' : 'outline-primary'}
                  onClick={() => {
                    action.onClick();
                    drop(id);
                  }}
                >
                  {action.label}
                </Button>
              )}
              <Button
                className="btn-close"
                variant=""
                aria-label={t('common.close')}
                onClick={() => drop(id)}
              />
            </Toast.Body>
          </Toast>
        ))}
      </ToastContainer>
    </ToastContext>
  );
}
