import { expect, test } from '@jest/globals';
import { jobsThatEnded, NO_JOBS_SEEN } from '../src/lib/job-state';

const job = (id: string, state: 'QUEUED' | 'RUNNING' | 'DONE' | 'CANCELLED') => ({ id, state });

test('a job that ended before it was seen running is no news', () => {
  expect(jobsThatEnded([job('1', 'DONE')], NO_JOBS_SEEN).news).toEqual([]);
});

test('the end of a job is told once, also when an answer of before comes late, or names it twice', () => {
  let seen = NO_JOBS_SEEN;
  const told = [
    [job('1', 'QUEUED')],
    [job('1', 'RUNNING'), job('2', 'RUNNING')],
    [job('1', 'CANCELLED'), job('1', 'CANCELLED'), job('2', 'RUNNING')],
    [job('1', 'RUNNING'), job('2', 'RUNNING')],
    [job('1', 'CANCELLED'), job('2', 'DONE')],
    [job('1', 'CANCELLED'), job('2', 'DONE')],
  ].map((jobs) => {
    const { news, seen: after } = jobsThatEnded(jobs, seen);
    seen = after;
    return news.map(({ id, state }) => `${id} ${state}`);
  });
  expect(told).toEqual([[], [], ['1 CANCELLED'], [], ['2 DONE'], []]);
});
