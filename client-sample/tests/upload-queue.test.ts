import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  UploadQueue,
  type QueueSnapshot,
  type Upload,
  type UploadTransport,
} from '../src/pages/gallery/uploads/upload-queue';

/** A server whose answers the test decides on. */
class Server implements UploadTransport {
  reachable = true;
  /** By file name: what is being sent, and how it ends. */
  readonly sending = new Map<
    string,
    {
      readonly upload: Upload;
      readonly signal: AbortSignal;
      progress(share: number): void;
      answer(created: boolean): void;
      fail(error: Error): void;
    }
  >();
  readonly sent: string[] = [];
  readonly #waiting = new Set<() => void>();

  send(
    ...[upload, { signal, onProgress }]: Parameters<UploadTransport['send']>
  ): Promise<{ created: boolean }> {
    const { name } = upload.file;
    this.sent.push(name);
    return new Promise((resolve, reject) => {
      const end = (): void => void this.sending.delete(name);
      signal.addEventListener('abort', () => {
        end();
        reject(new DOMException('stopped', 'AbortError'));
      });
      this.sending.set(name, {
        upload,
        signal,
        progress: onProgress,
        answer: (created) => {
          end();
          resolve({ created });
        },
        fail: (error) => {
          end();
          reject(error);
        },
      });
    });
  }

  whenBack(listener: () => void): () => void {
    this.#waiting.add(listener);
    return () => this.#waiting.delete(listener);
  }

  isReachable(): boolean {
    return this.reachable;
  }

  comeBack(): void {
    this.reachable = true;
    for (const listener of [...this.#waiting]) listener();
  }
}

const file = (name: string, bytes = 10): File => new File([new Uint8Array(bytes)], name);
const refusal = (code: string, details: object = {}): CombinedGraphQLErrors =>
  new CombinedGraphQLErrors({ errors: [{ message: code, extensions: { code, details } }] });

let server: Server;
let queue: UploadQueue;

beforeEach(() => {
  jest.useFakeTimers();
  server = new Server();
  queue = new UploadQueue(server);
});

afterEach(() => {
  jest.useRealTimers();
});

/** What the page sees, after all that is under way has been told. */
async function seen(): Promise<QueueSnapshot> {
  await jest.advanceTimersByTimeAsync(50);
  return queue.getSnapshot();
}
const states = async (): Promise<string[]> => (await seen()).uploads.map(({ state }) => state);
const add = (...names: string[]): void =>
  queue.add(
    names.map((name) => file(name)),
    ['tag'],
    null,
  );

describe('files are sent', () => {
  test('three at a time, in their order, and told apart by what became of them', async () => {
    add('a', 'b', 'c', 'd', 'e');
    expect(server.sent).toEqual(['a', 'b', 'c']);
    expect(await states()).toEqual(['sending', 'sending', 'sending', 'waiting', 'waiting']);
    server.sending.get('b')?.answer(true);
    server.sending.get('c')?.answer(false);
    expect(await states()).toEqual(['sending', 'added', 'duplicate', 'sending', 'sending']);
    expect(server.sent).toEqual(['a', 'b', 'c', 'd', 'e']);
    for (const name of ['a', 'd', 'e']) server.sending.get(name)?.answer(true);
    expect(await seen()).toMatchObject({ active: false, counts: { added: 4, duplicate: 1 }, pause: null });
  });

  test('with their tags and their progress; all of it sent, the server works on it', async () => {
    add('a');
    expect(server.sending.get('a')?.upload.tags).toEqual(['tag']);
    server.sending.get('a')?.progress(0.5);
    expect((await seen()).uploads).toMatchObject([{ state: 'sending', progress: 0.5 }]);
    server.sending.get('a')?.progress(1);
    expect((await seen()).uploads).toMatchObject([{ state: 'working', progress: 1 }]);
  });

  test('but not those that are too large', async () => {
    queue.add([file('small', 10), file('large', 11)], [], 10);
    const { uploads } = await seen();
    expect(server.sent).toEqual(['small']);
    expect(uploads[1]).toMatchObject({
      state: 'failed',
      failure: { code: 'IMAGE_TOO_LARGE', details: { actual: 11, limit: 10 } },
    });
  });

  test('and many changes are told at once', async () => {
    const listener = jest.fn();
    const end = queue.subscribe(listener);
    add('a', 'b');
    for (let share = 0; share < 1; share += 0.1) server.sending.get('a')?.progress(share);
    await seen();
    expect(listener).toHaveBeenCalledTimes(1);
    end();
    server.sending.get('a')?.answer(true);
    await seen();
    expect(listener).toHaveBeenCalledTimes(1);
  });
});

describe('a file that fails', () => {
  test('for its own sake is not sent again by itself, but when asked for', async () => {
    add('a');
    server.sending.get('a')?.fail(refusal('IMAGE_UNSUPPORTED'));
    expect((await seen()).uploads).toMatchObject([
      { state: 'failed', failure: { code: 'IMAGE_UNSUPPORTED' } },
    ]);
    queue.retryFailed();
    await seen();
    expect(server.sent).toEqual(['a']);
    queue.retry(1);
    server.sending.get('a')?.answer(true);
    expect((await seen()).uploads).toMatchObject([{ state: 'added', failure: null }]);
    expect(server.sent).toEqual(['a', 'a']);
  });

  test('because the server is busy waits with all others, as long as the server says', async () => {
    add('a', 'b', 'c', 'd');
    server.sending.get('a')?.fail(refusal('SERVER_BUSY', { retryAfterMs: 5000 }));
    expect(await seen()).toMatchObject({ pause: { reason: 'busy', until: expect.any(Number) } });
    server.sending.get('b')?.answer(true);
    await jest.advanceTimersByTimeAsync(4000);
    expect(server.sent).toEqual(['a', 'b', 'c']);
    await jest.advanceTimersByTimeAsync(1000);
    expect(server.sent).toEqual(['a', 'b', 'c', 'a', 'd']);
    expect((await seen()).pause).toBeNull();
  });

  test('a shorter wait does not end a longer one', async () => {
    add('a', 'b');
    server.sending.get('a')?.fail(refusal('RATE_LIMITED', { retryAfterMs: 9000 }));
    await seen();
    server.sending.get('b')?.fail(refusal('SERVER_BUSY', { retryAfterMs: 100 }));
    await jest.advanceTimersByTimeAsync(5000);
    expect(server.sent).toEqual(['a', 'b']);
    await jest.advanceTimersByTimeAsync(5000);
    expect(server.sent).toEqual(['a', 'b', 'a', 'b']);
  });

  test('while the server is away waits until it is back', async () => {
    add('a');
    server.reachable = false;
    server.sending.get('a')?.fail(new TypeError('Failed to fetch'));
    expect(await seen()).toMatchObject({ pause: { reason: 'offline', until: null }, active: true });
    await jest.advanceTimersByTimeAsync(3_600_000);
    expect(server.sent).toEqual(['a']);
    server.comeBack();
    server.sending.get('a')?.answer(true);
    expect(await seen()).toMatchObject({ pause: null, counts: { added: 1 } });
  });

  test('again and again though the server is there is given up', async () => {
    add('a');
    for (let attempt = 1; attempt <= 4; attempt++) {
      server.sending.get('a')?.fail(refusal('REQUEST_TIMEOUT'));
      await seen();
    }
    expect(await seen()).toMatchObject({
      uploads: [{ state: 'failed', attempts: 4, failure: { code: 'REQUEST_TIMEOUT' } }],
      active: false,
    });
    expect(server.sent).toHaveLength(4);
  });

  test('because it is gone from the disk says so', async () => {
    class Gone extends File {
      override slice(): Blob {
        return Object.assign(new Blob([]), { arrayBuffer: () => Promise.reject(new Error('gone')) });
      }
    }
    queue.add([new Gone([], 'a')], [], null);
    server.sending.get('a')?.fail(new TypeError('Failed to fetch'));
    expect((await seen()).uploads).toMatchObject([{ state: 'failed', failure: { code: 'FILE_GONE' } }]);
  });
});

describe('cancelling', () => {
  test('ends what is being sent, and the next one takes its place', async () => {
    add('a', 'b', 'c', 'd');
    const { uploads } = await seen();
    queue.cancel(uploads[0]?.id ?? 0);
    expect(await states()).toEqual(['cancelled', 'sending', 'sending', 'sending']);
    queue.cancelAll();
    expect(await seen()).toMatchObject({ active: false, counts: { cancelled: 4 } });
    expect(server.sending.size).toBe(0);
  });

  test('what has arrived all the same says so', async () => {
    add('a');
    const { uploads } = await seen();
    const { answer } = server.sending.get('a') ?? {};
    answer?.(true);
    queue.cancel(uploads[0]?.id ?? 0);
    expect(await states()).toEqual(['added']);
  });

  test('is forgotten with what is finished, while the rest goes on', async () => {
    add('a', 'b');
    server.sending.get('a')?.answer(true);
    await seen();
    queue.clear();
    expect((await seen()).uploads.map((upload) => upload.file.name)).toEqual(['b']);
    server.sending.get('b')?.answer(true);
    expect(await states()).toEqual(['added']);
  });
});
