import { describe, expect, test } from '@jest/globals';
import { failure, toFailure } from '../src/api/errors';
import { formatBytes, formatDay, formatDuration, formatPercent, formatSpan } from '../src/lib/format';
import { formatExposure, formatPlace, formatTaken } from '../src/lib/taken-format';
import { isRunning } from '../src/lib/job-state';
import { strengthShare, weakerFrom } from '../src/lib/strength';

test('numbers and times are written with their unit', () => {
  expect(formatPercent('en', 0.1234)).toBe('12.3%');
  expect(formatDuration('en', 4.26)).toBe('4.3 ms');
  expect(formatDuration('en', 999)).toBe('999 ms');
  expect(formatDuration('en', 1540)).toBe('1.5 sec');
  expect(formatBytes('en', 0)).toBe('0 byte');
  expect(formatBytes('en', 1023)).toBe('1,023 byte');
  expect(formatBytes('en', 1536)).toBe('1.5 kB');
  expect(formatBytes('en', 20 * 1024 ** 2)).toBe('20 MB');
  expect(formatBytes('en', 5000 * 1024 ** 3)).toBe('5,000 GB');
});

test.each([
  [-3, '0 sec'],
  [59.4, '59 sec'],
  [60, '1 min'],
  [61, '1 min 1 sec'],
  [3600, '1 hr'],
  [7325, '2 hr 2 min'],
  [90_000, '1 day 1 hr'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatSpan('en', seconds)).toBe(text);
});

test('days that are near are called by name', () => {
  const now = new Date(2026, 0, 2, 0, 5);
  const at = (...fields: [number, number, number, number]): string => new Date(...fields).toISOString();
  expect(formatDay('en', at(2026, 0, 2, 0), now)).toBe('Today');
  expect(formatDay('en', at(2026, 0, 1, 23), now)).toBe('Yesterday');
  expect(formatDay('zh', at(2026, 0, 1, 1), now)).toBe('昨天');
  expect(formatDay('en', at(2025, 11, 31, 23), now)).toBe('Wednesday, December 31, 2025');
});

test('a bar is full for a copy, and fuller the rarer a pair as alike is', () => {
  expect(strengthShare('COPY', 0)).toBe(1);
  const shares = [0, 0.5, 0.95, 0.99, 0.999, 1].map((percentile) => strengthShare('SIMILAR', percentile));
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(shares[0]).toBeCloseTo(0);
  expect(shares.at(-1)).toBeCloseTo(0.9);
});

test('the weaker matches begin at the first WEAK one, or behind the largest gap', () => {
  const match = (similarity: number, strength: 'COPY' | 'WEAK' | null = null) => ({ similarity, strength });
  expect(weakerFrom([])).toBeNull();
  expect(weakerFrom([match(1, 'COPY'), match(0.2, 'WEAK'), match(0.1, 'WEAK')])).toBe(1);
  expect(weakerFrom([match(1, 'COPY')])).toBeNull();
  expect(weakerFrom([match(0.9), match(0.8), match(0.5), match(0.3)])).toBe(2);
  expect(weakerFrom([match(0.9), match(0.8), match(0.7)])).toBeNull();
});

test('a job runs until it has ended', () => {
  expect((['QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED'] as const).filter(isRunning)).toEqual([
    'QUEUED',
    'RUNNING',
  ]);
});

test('a failure that the page does not know keeps its code', () => {
  expect(failure('SERVER_BUSY')).toMatchObject({ key: 'SERVER_BUSY', retryable: true });
  expect(failure('GRAPHQL_PARSE_FAILED')).toMatchObject({ key: 'PROTOCOL', retryable: false });
  expect(failure('OF_TOMORROW')).toMatchObject({ key: 'UNKNOWN', code: 'OF_TOMORROW' });
  expect(failure('errorId')).toMatchObject({ key: 'UNKNOWN' });
  expect(toFailure(new TypeError('Failed to fetch'))).toMatchObject({ key: 'NETWORK', retryable: true });
  expect(toFailure('thrown')).toMatchObject({ key: 'UNKNOWN' });
});

describe('what the camera wrote', () => {
  test('the date is the clock of the camera, in whatever zone it is read', () => {
    const taken = { takenAt: '2021-04-11T20:47:53Z', takenLocal: '2021-04-11T15:47:53' };
    expect(formatTaken('en', taken)).toMatch(/^Apr 11, 2021, 3:47\sPM$/);
    expect(formatTaken('en', { ...taken, takenOffset: -330 })).toMatch(/3:47\sPM \(UTC-05:30\)$/);
    expect(formatTaken('zh', { ...taken, takenOffset: 120 })).toBe('2021年4月11日 15:47 (UTC+02:00)');
  });

  test.each([
    [{ time: 0.004, fNumber: 2.8, iso: 1600, focalLength: 50 }, '1/250 s · f/2.8 · ISO 1600 · 50 mm'],
    [{ time: 2.5, fNumber: null, iso: null, focalLength: 4.25 }, '2.5 s · 4.3 mm'],
    [{ time: 0.5 }, '0.5 s'],
    [{ time: 0, iso: 100 }, 'ISO 100'],
  ])('%j is written %p', (exposure, text) => {
    expect(formatExposure('en', exposure)).toBe(text);
  });

  test('a place is written as maps take it', () => {
    expect(formatPlace({ latitude: 48.8583, longitude: -2.2945 })).toBe('48.85830, -2.29450');
  });
});
