import type { AppError } from '../../errors.js';

const FIRST_MS = 250;
const LONGEST_MS = 30_000;

/** Decides when to start a worker again after a failed start: after a pause that doubles each time. */
export class BootBackoff {
  #failures = 0;
  #notBefore = 0;
  #error: AppError | null = null;

  /** Whether the last start failed. */
  get isFailing(): boolean {
    return this.#failures > 0;
  }

  /** The failure of the last start. */
  get error(): AppError | null {
    return this.#error;
  }

  /** Milliseconds until the next start; 0 if it may start now. */
  get pauseMs(): number {
    return Math.max(0, this.#notBefore - performance.now());
  }

  /** @returns the pause in milliseconds */
  failed(error: AppError): number {
    const pauseMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures);
    this.#failures++;
    this.#error = error;
    this.#notBefore = performance.now() + pauseMs;
    return pauseMs;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#error = null;
    this.#notBefore = 0;
  }
}
