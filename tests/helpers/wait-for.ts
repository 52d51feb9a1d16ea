import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS } from './limits.js';

/** Between two looks: soon again at first, then less often, since a look at a server takes of the time of what is waited for. */
const FIRST_POLL_MS = 10;
const POLL_GROWTH = 1.5;
const LAST_POLL_MS = 150;

/**
 * Asks again and again until the condition gives something true, and returns that. For what announces itself by no
 * event: another process's files, a page, a state of the server.
 * @param what for the message, as in "waited for <what>"
 * @param context what to show besides, when it was in vain
 * @throws Error that says what was waited for and what the condition gave last; whatever the condition throws
 */
export async function waitFor<Value>(
  what: string,
  condition: () => Value | Promise<Value>,
  context: () => string = () => '',
): Promise<NonNullable<Value>> {
  const deadline = performance.now() + LIMITS.conditionMs;
  for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(LAST_POLL_MS, pollMs * POLL_GROWTH)) {
    const last = await condition();
    if (last) return last;
    if (performance.now() > deadline) {
      const seconds = LIMITS.conditionMs / 1000;
      throw new Error(
        `Waited ${seconds} s for ${what}; it was last ${JSON.stringify(last)}.\n${context()}`.trimEnd(),
      );
    }
    await pause(pollMs);
  }
}

/**
 * Waits until what is read equals this: for what a page shows in the end, after states in between.
 * @throws Error that says what was read last
 */
export async function becomes<Value>(read: () => Value | Promise<Value>, expected: Value): Promise<void> {
  const wanted = JSON.stringify(expected);
  let last = '';
  await waitFor(
    wanted,
    async () => (last = JSON.stringify(await read())) === wanted,
    () => `Read last: ${last}`,
  );
}
