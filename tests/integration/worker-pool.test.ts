import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type AppError } from '../../src/errors.js';
import type { WorkerEvent, WorkerPoolOptions } from '../../src/lib/worker-pool/options.js';
import { WorkerPool } from '../../src/lib/worker-pool/worker-pool.js';
import { GIVES_UP_AT_ONCE_MS, GIVES_UP_MS, LIMITS } from '../helpers/limits.js';
import { isRunning, untilGone } from '../helpers/processes.js';

interface Request {
  do: 'echo' | 'die' | 'hang' | 'until-cancelled' | 'until-file-goes' | 'throw';
  value?: unknown;
  path?: string;
}
interface Response {
  value: unknown;
  length: number;
  first: number | null;
  pid: number;
}

const entry = new URL('../fixtures/pool-worker.mjs', import.meta.url);
const pools: WorkerPool<Request, Response>[] = [];
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'likeness-pool-'));
});

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
  await rm(dir, { recursive: true, force: true });
});

function makePool(options: Partial<WorkerPoolOptions> = {}): WorkerPool<Request, Response> {
  const pool = new WorkerPool<Request, Response>({
    entry,
    size: 1,
    maxQueue: 8,
    timeoutMs: LIMITS.productMs,
    failureCode: 'EMBEDDING_FAILED',
    init: () => ({}),
    drainMs: GIVES_UP_AT_ONCE_MS,
    ...options,
  });
  pools.push(pool);
  return pool;
}

/** A job that stays in its worker until it is let go. */
async function hold(pool: WorkerPool<Request, Response>, name = 'gate') {
  const path = join(dir, name);
  await writeFile(path, '');
  return { result: pool.run({ do: 'until-file-goes', path }), release: () => rm(path) };
}

const failure = (promise: Promise<unknown>): Promise<AppError> =>
  promise.then(
    () => {
      throw new Error('Expected a failure');
    },
    (error: unknown) => error as AppError,
  );

describe('jobs', () => {
  test('go to a worker and come back with body, result and waiting time', async () => {
    const pool = makePool({ argv: ['x'] });
    expect(await pool.open()).toEqual({ greeting: 'hello', argv: ['x'] });
    const body = Buffer.alloc(3_000_000, 9);
    const { value, queueMs } = await pool.run({ do: 'echo', value: { a: [1, 2] } }, { body });
    expect(value).toMatchObject({ value: { a: [1, 2] }, length: body.length, first: 9 });
    expect(queueMs).toBeGreaterThanOrEqual(0);
    expect(pool.status()).toMatchObject({
      size: 1,
      alive: 1,
      queued: 0,
      running: 0,
      restarts: 0,
      capacity: 11,
    });
  });

  test('work without open(): the first job starts the worker', async () => {
    const { value } = await makePool().run({ do: 'echo', value: 1 });
    expect(value.value).toBe(1);
  });

  test('that throw fail alone, as data', async () => {
    const pool = makePool();
    const [thrown, fine] = await Promise.all([
      failure(pool.run({ do: 'throw' })),
      pool.run({ do: 'echo', value: 2 }),
    ]);
    expect(thrown).toMatchObject({ code: 'EMBEDDING_FAILED', message: 'boom' });
    expect(fine.value.value).toBe(2);
    expect(pool.status().restarts).toBe(0);
  });

  test('are spread over the workers', async () => {
    let ready = 0;
    const events = new EventEmitter();
    const both = once(events, 'both');
    const pool = makePool({ size: 2, onEvent: () => ++ready === 2 && events.emit('both') });
    await pool.open();
    await both;
    const held = await hold(pool);
    const pids = new Set<number>();
    for (let i = 0; i < 4; i++) pids.add((await pool.run({ do: 'echo' })).value.pid);
    expect(pids.size).toBe(1); // always the one that is free
    await held.release();
    await held.result;
  });
});

describe('bounds', () => {
  test('a full queue answers SERVER_BUSY with a time to come back', async () => {
    const pool = makePool({ window: 1, maxQueue: 1 });
    await pool.open();
    const held = await hold(pool);
    const waiting = pool.run({ do: 'echo', value: 'later' });
    const refused = await failure(pool.run({ do: 'echo' }));
    expect(refused.code).toBe('SERVER_BUSY');
    expect(refused.details['retryAfterMs']).toBeGreaterThan(0);
    expect(pool.status()).toMatchObject({ queued: 1, running: 1, capacity: 2 });
    await held.release();
    expect((await waiting).value.value).toBe('later');
  });

  test('a job that takes too long costs its worker, and the others in it get a second try', async () => {
    const events: WorkerEvent[] = [];
    const pool = makePool({ timeoutMs: GIVES_UP_MS, onEvent: (event) => events.push(event) });
    await pool.open();
    const before = pool.status().pids[0];
    const slow = failure(pool.run({ do: 'hang' }));
    const other = pool.run({ do: 'echo', value: 'retried' });
    expect(await slow).toMatchObject({ code: 'REQUEST_TIMEOUT', details: { timeoutMs: GIVES_UP_MS } });
    const { value } = await other;
    expect(value.value).toBe('retried');
    expect(value.pid).not.toBe(before);
    expect(pool.status().restarts).toBe(1);
    expect(events.map((event) => event.type)).toEqual(['ready', 'lost', 'ready']);
  });

  test('the second try is the last', async () => {
    const pool = makePool({ timeoutMs: GIVES_UP_MS, window: 3 });
    await pool.open();
    const [first, second, third] = await Promise.all([
      failure(pool.run({ do: 'hang' })),
      failure(pool.run({ do: 'hang' })),
      failure(pool.run({ do: 'hang' })),
    ]);
    expect([first.code, second.code, third.code]).toEqual([
      'REQUEST_TIMEOUT',
      'REQUEST_TIMEOUT',
      'SERVER_BUSY',
    ]);
  });
});

describe('cancelling', () => {
  test('takes a waiting job out of the queue', async () => {
    const pool = makePool({ window: 1 });
    await pool.open();
    const held = await hold(pool);
    const controller = new AbortController();
    const cancelled = failure(pool.run({ do: 'die' }, { signal: controller.signal }));
    controller.abort(new Error('no longer wanted'));
    expect((await cancelled).message).toBe('no longer wanted');
    expect(pool.status().queued).toBe(0);
    await held.release();
    await held.result;
    expect((await pool.run({ do: 'echo', value: 1 })).value.value).toBe(1);
  });

  test('is told to the worker that has the job', async () => {
    const pool = makePool({ window: 1 });
    await pool.open();
    const controller = new AbortController();
    const cancelled = failure(pool.run({ do: 'until-cancelled' }, { signal: controller.signal }));
    controller.abort();
    await cancelled;
    // The only place is free again only when the worker has let go of the job.
    expect((await pool.run({ do: 'echo', value: 1 })).value.value).toBe(1);
    expect(
      await failure(pool.run({ do: 'echo' }, { signal: AbortSignal.abort(new Error('early')) })),
    ).toMatchObject({
      message: 'early',
    });
  });
});

describe('death of a worker', () => {
  test('fails the jobs in it, with the reason as cause, and the next ones succeed', async () => {
    const events: WorkerEvent[] = [];
    const pool = makePool({ window: 2, onEvent: (event) => events.push(event) });
    await pool.open();
    const [first, second, third] = await Promise.all([
      failure(pool.run({ do: 'die' })),
      failure(pool.run({ do: 'echo' })),
      pool.run({ do: 'echo', value: 'queued, not in the worker' }),
    ]);
    for (const error of [first, second]) {
      expect(error).toMatchObject({ code: 'SERVER_BUSY', details: { retryAfterMs: 500 } });
      expect(error.cause).toMatchObject({ code: 'EMBEDDING_FAILED', details: { reason: 'signal SIGKILL' } });
    }
    expect(third.value.value).toBe('queued, not in the worker');
    expect(events[1]).toMatchObject({ type: 'lost', jobs: 2, stderr: 'last words' });
  });

  test('by kill -9 while it idles is noticed and mended', async () => {
    const pool = makePool();
    await pool.open();
    const [pid] = pool.status().pids;
    process.kill(pid ?? 0, 'SIGKILL');
    // The job may meet the dying worker or the next one.
    const outcome = await pool.run({ do: 'echo', value: 1 }).catch((error: AppError) => error.code);
    if (typeof outcome === 'string') expect(outcome).toBe('SERVER_BUSY');
    expect((await pool.run({ do: 'echo', value: 2 })).value.value).toBe(2);
  });

  test('during the start fails what waits with the reason, and is tried again for the next request', async () => {
    const flag = join(dir, 'die-once');
    await writeFile(flag, '');
    const pool = makePool({ init: () => ({ dieOnceIf: flag }) });
    expect(await failure(pool.run({ do: 'echo' }))).toMatchObject({
      code: 'EMBEDDING_FAILED',
      details: { reason: 'exit code 7' },
    });
    expect(existsSync(flag)).toBe(false);
    expect((await pool.run({ do: 'echo', value: 'up' })).value.value).toBe('up');
  });

  test('at every start is not retried for ever', async () => {
    const events: WorkerEvent[] = [];
    const pool = makePool({ init: () => ({ unable: true }), onEvent: (event) => events.push(event) });
    expect(await failure(pool.open())).toMatchObject({ code: 'EMBEDDING_FAILED', message: 'cannot start' });
    let told: AppError;
    do {
      told = await failure(pool.run({ do: 'echo' }));
      if (told.code !== 'SERVER_BUSY') expect(told).toMatchObject({ message: 'cannot start' });
    } while (told.code !== 'SERVER_BUSY');
    // The pause has grown beyond what a caller should wait for.
    expect(told).toMatchObject({ cause: { message: 'cannot start' } });
    const pauses = events.map((event) => event.type === 'unable' && event.retryInMs);
    expect(pauses.length).toBeGreaterThanOrEqual(4); // more when the test came late to ask
    expect(pauses).toEqual(pauses.map((_, failures) => 250 * 2 ** failures));
  });

  test('a worker that never gets ready is given up', async () => {
    const pool = makePool({
      entry: new URL('../fixtures/pool-worker-silent.mjs', import.meta.url),
      bootTimeoutMs: GIVES_UP_AT_ONCE_MS,
    });
    expect(await failure(pool.open())).toMatchObject({
      details: { reason: `not ready after ${GIVES_UP_AT_ONCE_MS} ms` },
    });
  });
});

describe('ending', () => {
  test('close() lets running jobs finish, refuses the rest, ends the processes, and is the same for all callers', async () => {
    const pool = makePool({ window: 1, drainMs: LIMITS.productMs });
    await pool.open();
    const [pid] = pool.status().pids;
    const held = await hold(pool);
    const waiting = failure(pool.run({ do: 'echo' }));
    const closing = pool.close();
    expect(pool.close()).toBe(closing);
    expect((await waiting).code).toBe('SHUTTING_DOWN');
    expect((await failure(pool.run({ do: 'echo' }))).code).toBe('SHUTTING_DOWN');
    await held.release();
    expect((await held.result).value.value).toBe('done');
    await closing;
    expect(isRunning(pid ?? 0)).toBe(false);
  });

  test('close() does not wait for ever', async () => {
    const pool = makePool();
    await pool.open();
    const [pid] = pool.status().pids;
    const stuck = failure(pool.run({ do: 'hang' }));
    await pool.close();
    expect((await stuck).code).toBe('SHUTTING_DOWN');
    expect(isRunning(pid ?? 0)).toBe(false);
  });

  test('close() during the start settles open()', async () => {
    const pool = makePool();
    const opening = failure(pool.open());
    await pool.close();
    expect((await opening).code).toBe('SHUTTING_DOWN');
    await makePool().close(); // one that never started
  });

  test('idle processes go and come back on demand', async () => {
    const pool = makePool({ idleMs: 1, size: 2 });
    const first = (await pool.run({ do: 'echo' })).value.pid;
    await untilGone([first]);
    expect(pool.status()).toMatchObject({ alive: 0, pids: [], restarts: 0 });
    const second = (await pool.run({ do: 'echo' })).value.pid;
    expect(second).not.toBe(first);
  });

  test('workers end with their parent, also when that is killed', async () => {
    const script = join(dir, 'parent.mjs');
    const poolModule = new URL('../../dist/lib/worker-pool/worker-pool.js', import.meta.url).href;
    await writeFile(
      script,
      `import { WorkerPool } from ${JSON.stringify(poolModule)};
       const pool = new WorkerPool({ entry: new URL(${JSON.stringify(entry.href)}), size: 1, maxQueue: 1, timeoutMs: 1e6,
         failureCode: 'EMBEDDING_FAILED', init: () => ({}) });
       await pool.open();
       pool.run({ do: 'until-cancelled' });
       console.log(pool.status().pids.join(' '));`,
    );
    const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
    const pids = line.split(' ').map(Number);
    expect(pids.map(isRunning)).toEqual([true]);
    parent.kill('SIGKILL');
    await once(parent, 'close');
    await untilGone(pids);
  });
});
