import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

/** Node has no window; this is all that the module wants of it. */
const page = new EventTarget();
globalThis.addEventListener = page.addEventListener.bind(page);
const { holdForUndo, Undone, UNDO_MS } = await import('../src/lib/undoable');

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

/** What became of a held operation: it waits, is sent, or was undone. */
function outcomeOf({ context }: ReturnType<typeof holdForUndo>): () => Promise<unknown> {
  let outcome: unknown = 'waits';
  void context.hold.then(
    () => (outcome = 'sent'),
    (error: unknown) => (outcome = error),
  );
  return async () => {
    await jest.advanceTimersByTimeAsync(0);
    return outcome;
  };
}

test('an operation is held until there is no more time to undo it', async () => {
  const outcome = outcomeOf(holdForUndo());
  await jest.advanceTimersByTimeAsync(UNDO_MS - 1);
  expect(await outcome()).toBe('waits');
  await jest.advanceTimersByTimeAsync(1);
  expect(await outcome()).toBe('sent');
});

test('undone, it is never sent', async () => {
  const held = holdForUndo();
  const outcome = outcomeOf(held);
  held.undo();
  await jest.advanceTimersByTimeAsync(UNDO_MS);
  expect(await outcome()).toBeInstanceOf(Undone);
});

test('whoever leaves the page sends what waits, and not what was undone', async () => {
  const [waiting, undone] = [holdForUndo(), holdForUndo()];
  const outcomes = [outcomeOf(waiting), outcomeOf(undone)];
  undone.undo();
  page.dispatchEvent(new Event('pagehide'));
  expect(await Promise.all(outcomes.map((outcome) => outcome()))).toEqual(['sent', expect.any(Undone)]);
});
