const listeners = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `listener` when the signal is aborted. Many may wait for one signal (the pictures of a batch, the lanes of an
 * import), but the signal itself gets only one listener: Node warns of a leak above ten.
 * @returns a function that removes the listener
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
  // The same function may be added twice.
  const entry = (): void => listener();
  all.add(entry);
  return () => void all.delete(entry);
}
