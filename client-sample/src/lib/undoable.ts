import type { Held } from '../api/hold-link';

/** How long something that was removed can be brought back. */
export const UNDO_MS = 6000;

/** The reason an operation fails with when it was undone before it was sent. */
export class Undone extends Error {}

const waiting = new Set<() => void>();

// Closing the page ends the time to undo; `keepalive` lets the requests outlive the page.
addEventListener('pagehide', () => {
  for (const send of [...waiting]) send();
});

export interface UndoableContext extends Held {
  readonly fetchOptions: { readonly keepalive: true };
}

/** For the context of a mutation that is only sent once it can no longer be undone. */
export function holdForUndo(): { readonly context: UndoableContext; readonly undo: () => void } {
  let undo!: () => void;
  const hold = new Promise<void>((resolve, reject) => {
    const send = (): void => {
      clearTimeout(timer);
      waiting.delete(send);
      resolve();
    };
    const timer = setTimeout(send, UNDO_MS);
    waiting.add(send);
    undo = () => {
      clearTimeout(timer);
      waiting.delete(send);
      reject(new Undone());
    };
  });
  return { context: { hold, fetchOptions: { keepalive: true } }, undo };
}
