import { AppError } from '../errors.js';
import { isFatal } from './is-fatal.js';
import { pause } from './pause.js';

/** The wait before each further try; longer if the failure itself asks for it. */
const PAUSES_MS = [250, 1_000, 2_000, 4_000] as const;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Does one piece of a longer work again when it failed for a reason that may pass: the queue was full, a worker died, a
 * run took too long. Whoever asks for one piece alone is told at once; a work of many can wait.
 * @throws what the last try failed with; what cannot pass, or every other piece would meet too, at once
 */
export async function retried<Result>(task: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  for (const pauseMs of PAUSES_MS) {
    try {
      return await task();
    } catch (error) {
      if (!mayPass(error) || signal.aborted) throw error;
      const wantedMs = Number(error.details['retryAfterMs'] ?? 0);
      await pause(Math.min(LONGEST_PAUSE_MS, Math.max(pauseMs, wantedMs)), signal);
      if (signal.aborted) throw error;
    }
  }
  return task();
}

const mayPass = (error: unknown): error is AppError =>
  error instanceof AppError && error.info.retryable && error.code !== 'SHUTTING_DOWN' && !isFatal(error);
