import type { Page } from 'playwright-core';

/** From this on a timer of the page is for people to read or to change their mind, not for the page's own order. */
const FOR_PEOPLE_MS = 1_000;

/**
 * Pages opened from now on in this window have all the time in the world: what they would do after a second or more
 * they do when the test says so, by calling what this returns.
 */
export async function holdTime(page: Page): Promise<() => Promise<void>> {
  await page.addInitScript(`{
    const { setTimeout: later, clearTimeout: clear } = globalThis;
    const held = new Map();
    let last = 0;
    globalThis.setTimeout = (run, ms = 0, ...args) => {
      if (ms < ${FOR_PEOPLE_MS}) return later(run, ms, ...args);
      held.set(--last, () => run(...args));
      return last;
    };
    globalThis.clearTimeout = (id) => held.delete(id) || clear(id);
    globalThis.letTimePass = () => {
      const due = [...held.values()];
      held.clear();
      for (const run of due) run();
    };
  }`);
  return () => page.evaluate('letTimePass()');
}
