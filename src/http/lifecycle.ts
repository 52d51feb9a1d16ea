import type { RequestHandler } from 'express';
import { AppError } from '../errors.js';
import { unreachable } from '../lib/check.js';

/** The phases of a server, which follow in this order. */
export type ServerState =
  | { readonly phase: 'starting' }
  | { readonly phase: 'serving' }
  /** Requests under way are answered, new ones refused. `ended` settles when nothing is open any more. */
  | { readonly phase: 'draining'; readonly ended: Promise<void> }
  | { readonly phase: 'closed'; readonly ended: Promise<void> };

/** The state of one server, and the only way to change it. */
export class Lifecycle {
  #state: ServerState = { phase: 'starting' };

  get phase(): ServerState['phase'] {
    return this.#state.phase;
  }

  /** Call this once it listens. No effect if it was asked to stop before. */
  serves(): void {
    if (this.#state.phase === 'starting') this.#state = { phase: 'serving' };
  }

  /** Runs `drain` the first time; every other call waits for the same end. */
  close(drain: () => Promise<void>): Promise<void> {
    const state = this.#state;
    switch (state.phase) {
      case 'starting':
      case 'serving': {
        const ended = Promise.resolve()
          .then(drain)
          .finally(() => (this.#state = { phase: 'closed', ended }));
        this.#state = { phase: 'draining', ended };
        return ended;
      }
      case 'draining':
      case 'closed':
        return state.ended;
      default:
        return unreachable(state);
    }
  }
}

/** Whether requests are accepted. */
export function isOpen(phase: ServerState['phase']): boolean {
  switch (phase) {
    case 'starting':
    case 'serving':
      return true;
    case 'draining':
    case 'closed':
      return false;
    default:
      return unreachable(phase);
  }
}

/** @throws AppError SHUTTING_DOWN once the server was asked to stop */
export function refuseWhenStopping(lifecycle: Pick<Lifecycle, 'phase'>): RequestHandler {
  return (_request, response, next) => {
    if (isOpen(lifecycle.phase)) return next();
    response.set('connection', 'close');
    throw new AppError('SHUTTING_DOWN', 'The server is stopping.', { details: { retryAfterMs: 5000 } });
  };
}
