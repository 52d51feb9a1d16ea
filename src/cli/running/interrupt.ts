import { note } from '../output/output.js';

export interface Interrupt {
  readonly signal: AbortSignal;
  /** As in shells: 128 plus the number of the signal; 0 while there was none. */
  readonly exitCode: number;
}

/**
 * Ctrl+C or SIGTERM asks the command to finish its current step and end; a second Ctrl+C ends it at once.
 * @param announcement printed at the first one
 */
export function watchInterrupt(announcement: string): Interrupt {
  const controller = new AbortController();
  const interrupt = { signal: controller.signal, exitCode: 0 };
  const listen = (signal: NodeJS.Signals, exitCode: number): void => {
    process.once(signal, () => {
      if (interrupt.exitCode !== 0) return;
      interrupt.exitCode = exitCode;
      note(`${process.stderr.isTTY ? '\n' : ''}${announcement}`); // after the ^C, or below the bar
      controller.abort();
    });
  };
  listen('SIGINT', 130);
  listen('SIGTERM', 143);
  return interrupt;
}
