import type { AppError } from '../../errors.js';
import { BootBackoff } from '../../lib/worker-pool/boot-backoff.js';

/**
 * Models that took their worker with them. Each is left alone for a pause that doubles with every time in a row, so
 * that one that always does costs the others a restart now and then, and not one a picture.
 */
export class ModelBackoff {
  readonly #models = new Map<string, BootBackoff>();

  /** @returns the pause in milliseconds */
  died(spaceId: string, error: AppError): number {
    const backoff = this.#models.get(spaceId) ?? new BootBackoff();
    this.#models.set(spaceId, backoff);
    return backoff.failed(error);
  }

  /** Milliseconds until the model may run again; 0 when it may now. */
  pauseMs(spaceId: string): number {
    return this.#models.get(spaceId)?.pauseMs ?? 0;
  }

  /** It gave a vector, or nobody uses it any more. */
  forget(spaceId: string): void {
    this.#models.delete(spaceId);
  }
}
