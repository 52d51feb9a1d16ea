import { useTranslation } from 'react-i18next';
import { holdForUndo, UNDO_MS, Undone, type UndoableContext } from '../lib/undoable';
import { useToast } from './toasts';
import { useFailureToast } from './use-failure-toast';

interface Undoable {
  /** What was done, shown beside the button that undoes it. */
  readonly message: string;
  /** Shown before the reason if it fails in the end. */
  readonly failed: string;
  /** Starts the mutation with this context and an optimistic response; nothing is sent until the time is over. */
  readonly mutate: (context: UndoableContext) => Promise<unknown>;
  readonly onUndo?: () => void;
}

/** Does something at once as far as the page goes, with a button to undo it, and really only after a while. */
export function useUndoable(): (undoable: Undoable) => void {
  const { t } = useTranslation();
  const toast = useToast();
  const tellFailure = useFailureToast();
  return ({ message, failed, mutate, onUndo }) => {
    const { context, undo } = holdForUndo();
    toast({
      message,
      durationMs: UNDO_MS,
      action: {
        label: t('common.undo'),
        onClick: () => {
          undo();
          onUndo?.();
        },
      },
    });
    mutate(context).catch((error: unknown) => {
      if (error instanceof Undone) return;
      tellFailure(failed, error);
    });
  };
}
