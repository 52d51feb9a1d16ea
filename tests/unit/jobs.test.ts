import { describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/errors.js';
import { silentLogger } from '../../src/logger.js';
import { Jobs } from '../../src/services/jobs.js';

describe('Jobs', () => {
  test('runs one at a time and counts what happens', async () => {
    const jobs = new Jobs({ logger: silentLogger });
    const order: string[] = [];
    const first = jobs.start('IMPORT_FOLDER', async (report) => {
      report.total(3);
      report.added();
      report.skipped();
      report.failed('c.jpg', new AppError('IMAGE_UNREADABLE', 'corrupt'));
      await Promise.resolve();
      order.push('first');
    });
    const second = jobs.start('IMPORT_FOLDER', async () => void order.push('second'));
    expect(first.job.state).toBe('QUEUED');
    expect(await first.finished).toMatchObject({
      state: 'DONE',
      total: 3,
      done: 3,
      added: 1,
      skipped: 1,
      failed: 1,
      failures: [{ path: 'c.jpg', code: 'IMAGE_UNREADABLE', message: 'corrupt' }],
    });
    await second.finished;
    expect(order).toEqual(['first', 'second']);
    await jobs.close();
  });

  test('an unforeseen failure ends the job, not the next, and keeps its text to the log', async () => {
    const jobs = new Jobs({ logger: silentLogger });
    const failed = await jobs.start('IMPORT_FOLDER', () => Promise.reject(new Error('/secret/path')))
      .finished;
    expect(failed).toMatchObject({ state: 'FAILED', code: 'INTERNAL_SERVER_ERROR' });
    expect(failed.message).not.toContain('secret');
    expect((await jobs.start('IMPORT_FOLDER', async () => {}).finished).state).toBe('DONE');
    await jobs.close();
  });

  test('close cancels what runs and what waits, and refuses the rest', async () => {
    const jobs = new Jobs({ logger: silentLogger });
    const running = jobs.start(
      'IMPORT_FOLDER',
      ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
    );
    const waiting = jobs.start('IMPORT_FOLDER', async (report) => report.added());
    await jobs.close();
    expect((await running.finished).state).toBe('CANCELLED');
    expect(await waiting.finished).toMatchObject({ state: 'CANCELLED', added: 0 });
    expect(() => jobs.start('IMPORT_FOLDER', async () => {})).toThrow(
      expect.objectContaining({ code: 'SHUTTING_DOWN' }),
    );
  });

  test('a change of model runs beside the others, and one job can be ended alone', async () => {
    const jobs = new Jobs({ logger: silentLogger });
    let began!: () => void;
    const running = new Promise<void>((resolve) => (began = resolve));
    const change = jobs.start('MODEL_SWITCH', async ({ signal }) => {
      began();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      signal.throwIfAborted();
    });
    const waiting = jobs.start('MODEL_SWITCH', async () => {});
    await running;
    expect((await jobs.start('IMPORT_FOLDER', async () => {}).finished).state).toBe('DONE');
    jobs.cancel(change.job.id);
    expect(await change.finished).toMatchObject({ state: 'CANCELLED', message: null });
    expect((await waiting.finished).state).toBe('DONE');
    jobs.cancel(change.job.id); // it has ended: nothing happens
    await jobs.close();
  });

  test('waiting jobs are bounded', async () => {
    const jobs = new Jobs({ logger: silentLogger });
    const start = () => jobs.start('IMPORT_FOLDER', async () => {});
    for (let i = 0; i < 20; i++) start();
    expect(start).toThrow(expect.objectContaining({ code: 'SERVER_BUSY' }));
    await jobs.close();
  });
});
