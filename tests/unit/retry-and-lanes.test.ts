import { describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/errors.js';
import { lanes } from '../../src/lib/lanes.js';
import { retried } from '../../src/lib/retry.js';
import { Deferred } from '../../src/lib/deferred.js';

const busy = (): AppError => new AppError('SERVER_BUSY', 'Full.', { details: { retryAfterMs: 1 } });
const never = new AbortController().signal;

describe('retried', () => {
  test('a picture met while the queue is full is tried again', async () => {
    let tries = 0;
    const result = await retried(async () => {
      if (++tries === 1) throw busy();
      return 'done';
    }, never);
    expect([result, tries]).toEqual(['done', 2]);
  });

  test.each<[string, Error]>([
    ['is the picture', new AppError('IMAGE_UNREADABLE', 'No picture.')],
    ['every other one would meet, too', new AppError('STORAGE_FULL', 'Full.')],
    ['is the end of the server', new AppError('SHUTTING_DOWN', 'Stopping.')],
    ['nobody foresaw', new TypeError('oops')],
  ])('what %s is not', async (_, error) => {
    let tries = 0;
    const trying = retried(async () => {
      tries++;
      throw error;
    }, never);
    await expect(trying).rejects.toBe(error);
    expect(tries).toBe(1);
  });

  test('nor is anything once the work was given up, also in a pause', async () => {
    const givenUp = new AbortController();
    let tries = 0;
    const trying = retried(async () => {
      tries++;
      queueMicrotask(() => givenUp.abort());
      throw new AppError('SERVER_BUSY', 'Full.', { details: { retryAfterMs: 1e9 } });
    }, givenUp.signal);
    await expect(trying).rejects.toMatchObject({ code: 'SERVER_BUSY' });
    expect(tries).toBe(1);
  });
});

describe('lanes', () => {
  const items = [1, 2, 3, 4, 5];

  test('every item once, in order, no more at a time than asked for', async () => {
    const begun: number[] = [];
    let atOnce = 0;
    let most = 0;
    const both = new Deferred<void>();
    await lanes(items, 2, async (item) => {
      begun.push(item);
      most = Math.max(most, ++atOnce);
      if (atOnce === 2) both.resolve();
      await both.promise;
      atOnce--;
    });
    expect(begun).toEqual(items);
    expect(most).toBe(2);
  });

  test('after a failure nothing more is begun, and what is under way ends first', async () => {
    const slow = new Deferred<void>();
    const ended: number[] = [];
    const working = lanes(items, 2, async (item) => {
      if (item === 2) {
        slow.resolve();
        throw new Error('no 2');
      }
      await slow.promise;
      ended.push(item);
    });
    await expect(working).rejects.toThrow('no 2');
    expect(ended).toEqual([1]);
  });

  test('what comes in pages is taken as it comes; a failure between two is told', async () => {
    const taken: number[] = [];
    async function* coming(): AsyncGenerator<number> {
      yield 1;
      yield 2;
      throw new Error('gone');
    }
    const working = lanes(coming(), 3, async (item) => void taken.push(item));
    await expect(working).rejects.toThrow('gone');
    expect(taken).toEqual([1, 2]);
  });

  test('the rest is left when it is not to go on', async () => {
    const taken: number[] = [];
    await lanes(
      items,
      1,
      async (item) => void taken.push(item),
      () => taken.length < 2,
    );
    expect(taken).toEqual([1, 2]);
  });
});
