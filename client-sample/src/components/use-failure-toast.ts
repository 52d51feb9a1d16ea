import { toFailure } from '../api/errors';
import { useFailureText } from './error-notice';
import { useToast } from './toasts';

/** There is more to read than in other messages. */
const FAILURE_MS = 10_000;

/** Says that something failed, and why. */
export function useFailureToast(): (what: string, error: unknown) => void {
  const toast = useToast();
  const tell = useFailureText();
  return (what, error) =>
    toast({ message: `${what} ${tell(toFailure(error))}`, variant: 'danger', durationMs: FAILURE_MS });
}
