import type { WorkerEvent } from '../../lib/worker-pool/options.js';
import type { Logger } from '../../logger.js';

/** Logs events of embedding workers. */
export function logPoolEvent(logger: Logger, event: WorkerEvent): void {
  switch (event.type) {
    case 'ready':
      logger.debug({ pid: event.pid, bootMs: Math.round(event.bootMs) }, 'embedding worker is ready');
      break;
    case 'lost':
      logger.warn(
        { pid: event.pid, reason: event.reason, pictures: event.jobs, stderr: event.stderr },
        'embedding worker was lost and is replaced',
      );
      break;
    case 'unable':
      logger.error(
        { pid: event.pid, code: event.error.code, error: event.error.message, ...event.error.details },
        'embedding worker could not start',
      );
      break;
  }
}
