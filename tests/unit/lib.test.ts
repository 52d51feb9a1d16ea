import { describe, expect, test } from '@jest/globals';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../src/lib/atomic-file.js';
import { check } from '../../src/lib/check.js';
import { Topic } from '../../src/lib/topic.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

describe('writeFileAtomically', () => {
  test('replaces a file whole and leaves nothing beside it', async () => {
    const dir = await temporaryDir();
    await writeFileAtomically(join(dir, 'a'), 'one');
    await writeFileAtomically(join(dir, 'a'), new Uint8Array([50]));
    expect(await readFile(join(dir, 'a'), 'utf8')).toBe('2');
    expect(await readdir(dir)).toEqual(['a']);
  });

  test('a failure leaves the old content and no temporary file', async () => {
    const dir = await temporaryDir();
    await mkdir(join(dir, 'taken'));
    await expect(writeFileAtomically(join(dir, 'taken'), 'x')).rejects.toThrow();
    expect(await readdir(dir)).toEqual(['taken']);
  });
});

test('check names path and rule', () => {
  expect(() => check(false, 'topK', 'a whole number')).toThrow(
    expect.objectContaining({ code: 'BAD_USER_INPUT', details: { path: 'topK', rule: 'a whole number' } }),
  );
});

describe('Topic', () => {
  test('delivers in order to every subscriber, first things first, until the last', async () => {
    const topic = new Topic<number>();
    const all = topic.subscribe();
    const even = topic.subscribe({ first: [0], passes: (n) => n % 2 === 0, isLast: (n) => n === 4 });
    for (let n = 1; n <= 6; n++) topic.publish(n);
    topic.close();
    const read = async (from: AsyncIterable<number>) => {
      const got: number[] = [];
      for await (const n of from) got.push(n);
      return got;
    };
    expect(await read(all)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await read(even)).toEqual([0, 2, 4]);
    expect(await read(topic.subscribe())).toEqual([]);
  });

  test('return() ends a subscriber that waits', async () => {
    const topic = new Topic<number>();
    const subscriber = topic.subscribe();
    const waiting = subscriber.next();
    await subscriber.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  test('a slow subscriber keeps the newest thousand', async () => {
    const topic = new Topic<number>();
    const slow = topic.subscribe();
    for (let n = 0; n < 1500; n++) topic.publish(n);
    expect(await slow.next()).toEqual({ done: false, value: 500 });
  });
});
