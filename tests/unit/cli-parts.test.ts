import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { Command } from 'commander';
import { PassThrough } from 'node:stream';
import { mapOrdered } from '../../src/cli/running/ordered.js';
import { createProgress } from '../../src/cli/output/progress.js';
import { failureOf } from '../../src/cli/output/report-error.js';
import { readFailure } from '../../src/cli/running/read-failure.js';
import { addSettings, settingsOf } from '../../src/cli/settings-options.js';
import { Tally } from '../../src/cli/output/tally.js';
import { loadConfig } from '../../src/config.js';
import { SETTINGS } from '../../src/settings.js';
import { AppError } from '../../src/errors.js';

describe('settings as options', () => {
  const parse = (...args: string[]) => {
    const program = new Command().exitOverride();
    addSettings(program);
    program.parse(args, { from: 'user' });
    return settingsOf(program);
  };

  test('there is an option for every setting, and its value arrives under the name of the setting', () => {
    const settings = Object.values(SETTINGS);
    const args = settings.flatMap(({ name }) => [
      `--${name.toLowerCase().replaceAll('_', '-')}`,
      `x-${name}`,
    ]);
    expect(parse(...args)).toEqual(Object.fromEntries(settings.map(({ name }) => [name, `x-${name}`])));
  });

  test('what is not given is left to environment and default', () => {
    expect(parse()).toEqual({});
    expect(loadConfig({ PORT: '5001', HOST: 'localhost' }, parse('--port', '0'))).toMatchObject({
      port: 0,
      host: 'localhost',
    });
  });
});

describe('mapOrdered', () => {
  test('keeps the order, runs at most so many at a time, and none ahead of a slow reader', async () => {
    const started: number[] = [];
    const finish = new Map<number, () => void>();
    const results = mapOrdered([0, 1, 2, 3, 4, 5], 3, (item) => {
      started.push(item);
      return new Promise<number>((resolve) => finish.set(item, () => resolve(item * 10)));
    });
    const first = results.next();
    await Promise.resolve();
    expect(started).toEqual([0, 1, 2]);
    finish.get(2)?.();
    finish.get(1)?.();
    finish.get(0)?.();
    expect((await first).value).toBe(0);
    expect(started).toEqual([0, 1, 2]); // nobody has asked for more yet
    const second = await results.next();
    expect(second.value).toBe(10);
    expect(started).toEqual([0, 1, 2, 3]);
    const rest = (async () => {
      const values = [];
      for await (const value of results) values.push(value);
      return values;
    })();
    for (let item = 3; item <= 5; item++) {
      while (!finish.has(item)) await new Promise(setImmediate);
      finish.get(item)?.();
    }
    expect(await rest).toEqual([20, 30, 40, 50]);
  });

  test('a failure comes in its turn, and what runs besides is waited for', async () => {
    let settled = 0;
    const results = mapOrdered([1, 2, 3], 3, async (item) => {
      await new Promise(setImmediate);
      settled++;
      if (item === 2) throw new Error('two');
      return item;
    });
    expect((await results.next()).value).toBe(1);
    await expect(results.next()).rejects.toThrow('two');
    expect(settled).toBe(3);
  });
});

test('failures of system calls are told in words', () => {
  const missing = Object.assign(new Error("ENOENT: no such file, stat 'x'"), {
    code: 'ENOENT',
    syscall: 'stat',
  });
  expect(failureOf(readFailure(missing))).toEqual({
    code: 'IMAGE_UNREADABLE',
    message: 'The file cannot be read: it does not exist.',
  });
  const ours = new AppError('IMAGE_TOO_LARGE', 'Too large.');
  expect(readFailure(ours)).toBe(ours);
  expect(failureOf(new Error('who knows'))).toEqual({ code: 'UNEXPECTED', message: 'who knows' });
});

describe('progress', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  const stream = (fields: { isTTY?: true; columns?: number } = {}) => {
    const written = new PassThrough({ encoding: 'utf8' });
    return {
      stream: Object.assign(written, fields) as unknown as NodeJS.WriteStream,
      text: () => String(written.read() ?? ''),
    };
  };

  test('without a terminal: plain lines, at most one in five seconds', () => {
    jest.useFakeTimers();
    const { stream: log, text } = stream();
    const progress = createProgress('importing', log);
    for (let done = 1; done <= 12; done++) {
      jest.advanceTimersByTime(1000);
      progress.update({ done, total: 100, failed: done > 7 ? 1 : 0 });
    }
    progress.say('x.jpg: broken');
    progress.stop();
    expect(text().split('\n')).toEqual([
      'importing 5/100, 1.0/s, 1 min 35 s left',
      'importing 10/100, 1 failed, 1.0/s, 1 min 30 s left',
      'x.jpg: broken',
      '',
    ]);
  });

  test('on a terminal: a bar, and lines that stay above it', () => {
    const { stream: terminal, text } = stream({ isTTY: true, columns: 100 });
    const progress = createProgress('importing', terminal);
    progress.update({ done: 3, total: 10, failed: 0 });
    progress.say('x.jpg: broken');
    progress.update({ done: 10, total: 10, failed: 1 });
    progress.stop();
    const shown = text();
    expect(shown).toContain('x.jpg: broken\n');
    expect(shown).toContain(' 10/10, 1 failed');
  });
});

describe('Tally', () => {
  const quiet = { update() {}, say() {}, stop() {} };
  const storageFailed = new AppError('STORAGE_FAILED', 'The disk is full.');
  const broken = new AppError('IMAGE_UNREADABLE', 'Broken.');
  const tallyOf = (...errors: AppError[]): Tally => {
    const tally = new Tally(quiet, new AbortController().signal);
    for (const error of errors) tally.failed('x.jpg', error);
    return tally;
  };

  test('bad pictures never stop a run, however many', () => {
    const tally = tallyOf(...Array.from({ length: 100 }, () => broken));
    expect([tally.signal.aborted, tally.exitCode, tally.counts.failed]).toEqual([false, 3, 100]);
    expect(tallyOf().exitCode).toBe(0);
  });

  test('a disk that takes nothing any more does, unless something goes well in between', () => {
    const often = Array.from({ length: 19 }, () => storageFailed);
    const tally = tallyOf(...often);
    tally.added();
    for (const error of often) tally.failed('x.jpg', error);
    expect(tally.signal.aborted).toBe(false);
    tally.failed('y.jpg', storageFailed);
    expect([tally.signal.aborted, tally.exitCode]).toEqual([true, 4]);
  });
});
