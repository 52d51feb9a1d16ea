import { useState, type ReactNode } from 'react';
import { administratorToken, keepAdministratorToken } from '../api/administrator';
import { isAboutCaller, toFailure, type Failure } from '../api/errors';
import { AdminDialog, type Refusal } from './admin-dialog';

interface Waiting {
  readonly why: Refusal;
  readonly again: () => Promise<void>;
}

export interface Administered {
  /** Does what only administrators may do. Others are asked for the token, and then it is tried again. */
  readonly attempt: (action: () => Promise<unknown>, onFailure: (failure: Failure) => void) => Promise<void>;
  readonly dialog: ReactNode;
  /** Whether the dialog is open; other dialogs hide meanwhile. */
  readonly isAsking: boolean;
}

export function useAdministered(): Administered {
  const [waiting, setWaiting] = useState<Waiting | null>(null);

  const attempt: Administered['attempt'] = async (action, onFailure) => {
    try {
      await action();
    } catch (error) {
      const failure = toFailure(error);
      if (!isAboutCaller(failure)) return onFailure(failure);
      const known = administratorToken() !== null;
      const why = failure.code === 'UNAUTHENTICATED' ? 'question' : known ? 'wrong' : 'none';
      if (known) keepAdministratorToken(null);
      setWaiting({ why, again: () => attempt(action, onFailure) });
    }
  };

  return {
    attempt,
    isAsking: waiting !== null,
    dialog: waiting !== null && (
      <AdminDialog
        why={waiting.why}
        onHide={() => setWaiting(null)}
        onToken={(token) => {
          keepAdministratorToken(token);
          setWaiting(null);
          void waiting.again();
        }}
      />
    ),
  };
}
