import { describe, expect, test } from '@jest/globals';
import { ByteBudget, inMemory, type LazyBytes } from '../../src/lib/byte-budget.js';
import { onAbort } from '../../src/lib/on-abort.js';

/** A task that ends when the test says so. */
function task(): { run: () => Promise<void>; end: () => void; isRunning: () => boolean } {
  let end!: () => void;
  let isRunning = false;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const run = async (): Promise<void> => {
    isRunning = true;
    await ended;
    isRunning = false;
  };
  return { run, end, isRunning: () => isRunning };
}

/** Lets every promise that can settle do so. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const BUSY = { code: 'SERVER_BUSY', details: { retryAfterMs: expect.any(Number) } };

describe('ByteBudget', () => {
  test('over it, another request is refused at once; what is given back is free again', async () => {
    const budget = new ByteBudget(100);
    const giveBack = budget.take(60);
    expect(() => budget.take(41)).toThrow(expect.objectContaining(BUSY));
    await expect(budget.forRequest().hold(41, async () => 1)).rejects.toMatchObject(BUSY);
    giveBack();
    giveBack();
    expect(budget.held).toBe(0);
    expect(await budget.forRequest().hold(41, async () => 1)).toBe(1);
  });

  test('a request holds a quarter at a time: its files wait for each other, in order', async () => {
    const budget = new ByteBudget(100);
    const share = budget.forRequest();
    const tasks = [task(), task(), task()];
    const done = tasks.map(({ run }) => share.hold(12, run));
    await settle();
    expect(tasks.map(({ isRunning }) => isRunning())).toEqual([true, true, false]);
    expect(budget.held).toBe(24);
    tasks[1]!.end();
    await settle();
    expect(tasks.map(({ isRunning }) => isRunning())).toEqual([true, false, true]);
    for (const { end } of tasks) end();
    await Promise.all(done);
    expect(budget.held).toBe(0);
  });

  test('a file larger than all of it is let in alone', async () => {
    const budget = new ByteBudget(100);
    const large = task();
    const held = budget.forRequest().hold(1000, large.run);
    await settle();
    expect(large.isRunning()).toBe(true);
    await expect(budget.forRequest().hold(1, async () => 1)).rejects.toMatchObject(BUSY);
    large.end();
    await held;
  });

  test('the background waits instead, and leaves half to those who cannot', async () => {
    const budget = new ByteBudget(100);
    const [first, second] = [task(), task()];
    const done = [budget.background.hold(40, first.run), budget.background.hold(40, second.run)];
    await settle();
    expect([first.isRunning(), second.isRunning()]).toEqual([true, false]);
    expect(await budget.forRequest().hold(25, async () => 1)).toBe(1);
    const giveBack = budget.take(60);
    first.end();
    await settle();
    expect(second.isRunning()).toBe(true); // 60 + 40
    giveBack();
    second.end();
    await Promise.all(done);
    expect(budget.held).toBe(0);
  });

  test('what arrives takes half at most', () => {
    const budget = new ByteBudget(100);
    expect(budget.takeArriving(50)).not.toBeNull();
    expect(budget.takeArriving(1)).toBeNull();
    expect(() => budget.take(50)).not.toThrow();
  });

  test('who waits no longer leaves the line; who failed gives back', async () => {
    const budget = new ByteBudget(100);
    const share = budget.forRequest();
    const first = task();
    const held = share.hold(20, first.run);
    const leaving = new AbortController();
    const left = share.hold(20, async () => 1, leaving.signal);
    const behind = share.hold(5, async () => 2);
    leaving.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    expect(await behind).toBe(2);
    await expect(share.hold(1, async () => 1, leaving.signal)).rejects.toThrow('gone');
    first.end();
    await held;
    await expect(share.hold(25, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(budget.held).toBe(0);
  });

  test('files are read when there is room for all of them, and held while they are used', async () => {
    const budget = new ByteBudget(100);
    const file = (size: number): LazyBytes => ({
      bytesToHold: size,
      read: async () => new Uint8Array(size).fill(budget.held),
    });
    const used = await budget
      .forRequest()
      .use([file(10), file(15), inMemory(new Uint8Array(99))], async (...all) =>
        all.map((bytes) => [bytes.length, bytes[0]]),
      );
    expect(used).toEqual([
      [10, 25],
      [15, 25],
      [99, 0],
    ]);
    expect(budget.held).toBe(0);
  });
});

test('onAbort: any number of listeners, one of the signal', () => {
  const controller = new AbortController();
  const { signal } = controller;
  let added = 0;
  const addEventListener = signal.addEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    added++;
    addEventListener(...args);
  };
  const called: number[] = [];
  const undo = Array.from({ length: 20 }, (_, i) => onAbort(signal, () => called.push(i)));
  undo[3]!();
  controller.abort();
  expect(called).toEqual(Array.from({ length: 20 }, (_, i) => i).filter((i) => i !== 3));
  expect(added).toBe(1);
});
