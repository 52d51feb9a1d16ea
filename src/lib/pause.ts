import { onAbort } from './on-abort.js';

/** Resolves after this many milliseconds, or when the signal is aborted. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      ignoreAbort?.();
      resolve();
    };
    const timer = setTimeout(end, ms);
    const ignoreAbort = signal && onAbort(signal, end);
    if (signal?.aborted === true) end();
  });
}

/** Waits for a promise, but not longer than this many milliseconds, and ignores its outcome. */
export async function settledWithin(ms: number, promise: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const end = (): void => over.abort();
  promise.then(end, end);
  await pause(ms, over.signal);
}
