import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, messageOf } from '../../errors.js';
import { UnfitGraphError } from './graph-check.js';

export interface BuildPatientlyOptions {
  /** Pauses before further attempts; after the last one it gives up. */
  readonly retryDelaysMs: readonly number[];
  readonly signal: AbortSignal;
  /** Called for every failed attempt. @returns whether another one is pointless */
  readonly onFailure: (error: unknown) => boolean;
}

/** Builds a graph, with retries after failures. @throws AppError STORAGE_FAILED with the reason for giving up */
export async function buildPatiently(
  build: () => Promise<void>,
  { retryDelaysMs, signal, onFailure }: BuildPatientlyOptions,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await build();
      return;
    } catch (error) {
      signal.throwIfAborted();
      const delayMs = onFailure(error) ? undefined : retryDelaysMs[attempt];
      if (delayMs === undefined) {
        const reason =
          error instanceof UnfitGraphError
            ? `The graph of the index misses too much, so searches compare every vector: ${error.message}`
            : `The graph of the index could not be built: ${messageOf(error)}`;
        throw new AppError('STORAGE_FAILED', reason, { cause: error });
      }
      await sleep(delayMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}
