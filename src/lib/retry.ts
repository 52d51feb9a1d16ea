import { AppError } from '../errors.js';
import { isFatal } from './is-fatal.js';
import { pause } from './pause.js';

/** The wait before each further try; longer if the failure itself asks for it. */
const PAUSES_MS = [250, 1_000, 2_000, 4_000] as const;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Retries one piece of a longer job if it failed for a temporary reason: the queue was full, a worker died, a run took
 * too long. (A single request reports such a failure at once.)
 * @throws the failure of the last try; lasting failures, and those that would affect every other piece too, at once
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
