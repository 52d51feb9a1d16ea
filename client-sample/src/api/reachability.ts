import { useSyncExternalStore } from 'react';

const PING_MS = 3000;

let reachable = true;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();
const onReturn = new Set<() => void>();

function set(value: boolean): void {
  if (reachable === value) return;
  reachable = value;
  for (const listener of listeners) listener();
  if (value) for (const listener of onReturn) listener();
}

/** Called by the transport: a request was answered, or could not be sent at all. */
export function reportReachable(answered: boolean): void {
  set(answered);
  if (answered) {
    clearTimeout(timer);
    timer = undefined;
  } else timer ??= setTimeout(ping, PING_MS);
}

/** Checks now instead of waiting for the next request. */
export function checkReachable(): void {
  clearTimeout(timer);
  void ping();
}

/** A lost connection is back, whether or not the loss was noticed elsewhere. */
export function reportReturned(): void {
  if (!reachable) reportReachable(true);
  else for (const listener of onReturn) listener();
}

/** Whether the server answers now. Nothing on the page changes by it. */
export const serverAnswers = (): Promise<boolean> =>
  // An answer of any kind counts: a proxy without a server behind it says 502 or 504.
  fetch('/health', { cache: 'no-store' }).then(
    ({ status }) => status < 500,
    () => false,
  );

async function ping(): Promise<void> {
  timer = undefined;
  reportReachable(await serverAnswers());
}

/** Whether the server answered the last time it was asked. */
export const isServerReachable = (): boolean => reachable;

/** The same, as it changes. While the server is away, it is checked regularly. */
export function useServerReachable(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => reachable,
  );
}

/** Calls back whenever the server comes back. @returns a function that cancels it */
export function whenServerReturns(listener: () => void): () => void {
  onReturn.add(listener);
  return () => onReturn.delete(listener);
}
