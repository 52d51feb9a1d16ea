import type { AppError } from '../../errors.js';
import { BootBackoff } from '../../lib/worker-pool/boot-backoff.js';

/**
 * Models that crashed their worker. Each is paused for a time that doubles with every crash in a row, so that one that
 * always crashes costs the others only an occasional restart, not one per picture.
 */
export class ModelBackoff {
  readonly #models = new Map<string, BootBackoff>();

  /** @returns the pause in milliseconds */
  died(spaceId: string, error: AppError): number {
    const backoff = this.#models.get(spaceId) ?? new BootBackoff();
    this.#models.set(spaceId, backoff);
    return backoff.failed(error);
  }

  /** Milliseconds until the model may run again; 0 if it may run now. */
  pauseMs(spaceId: string): number {
    return this.#models.get(spaceId)?.pauseMs ?? 0;
  }

  /** Call this when it has computed a vector, or when nobody uses it any more. */
  forget(spaceId: string): void {
    this.#models.delete(spaceId);
  }
}
