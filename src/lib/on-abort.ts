const listeners = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `listener` when the signal is aborted. However many wait for one signal (the pictures of a batch, the lanes of an
 * import), the signal itself has one listener: Node takes more than ten for a leak and prints a warning.
 * @returns takes the listener back
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const known = listeners.get(signal);
  const all = known ?? new Set();
  const runAll = (): void => {
    listeners.delete(signal);
    for (const one of [...all]) one();
  };
  if (known === undefined) {
    listeners.set(signal, all);
    signal.addEventListener('abort', runAll, { once: true });
  }
  // The same function may wait twice.
  const entry = (): void => listener();
  all.add(entry);
  return () => void all.delete(entry);
}
