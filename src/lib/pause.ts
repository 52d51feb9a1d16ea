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
