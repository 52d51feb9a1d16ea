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

/** Called by the transport: a request got an answer, or could not be sent at all. */
export function reportReachable(answered: boolean): void {
  set(answered);
  if (answered) {
    clearTimeout(timer);
    timer = undefined;
  } else timer ??= setTimeout(ping, PING_MS);
}

/** Asks now, without waiting for the next request to find out. */
export function checkReachable(): void {
  clearTimeout(timer);
  void ping();
}

/** A connection that had been lost is there again, whether or not the loss was noticed otherwise. */
export function reportReturned(): void {
  if (!reachable) reportReachable(true);
  else for (const listener of onReturn) listener();
}

async function ping(): Promise<void> {
  timer = undefined;
  // An answer of any kind will do: a proxy without a server behind it says 502 or 504.
  const answered = await fetch('/health', { cache: 'no-store' }).then(
    ({ status }) => status < 500,
    () => false,
  );
  reportReachable(answered);
}

/** Whether the server answered last time it was asked. */
export const isServerReachable = (): boolean => reachable;

/** The same, as it changes; while it does not, it is asked again by itself. */
export function useServerReachable(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => reachable,
  );
}

/** Calls back whenever the server is back. @returns a function that ends it */
export function whenServerReturns(listener: () => void): () => void {
  onReturn.add(listener);
  return () => onReturn.delete(listener);
}
