import { writeFileSync } from 'node:fs';
import { Socket, type ConnectOpts, type SocketConstructorOpts } from 'node:net';
import { encodeFrame, FrameReader } from './frames.js';
import { PIPE_DESCRIPTOR, toFailure, type FromWorker, type ToWorker } from './worker-protocol.js';

/** What an initialised worker process does with its jobs. */
export interface WorkerService<Request, Response, Notice = never> {
  /** Passed to the pool when the worker is ready. */
  readonly ready?: unknown;
  /**
   * Starts one job. Called in the order of arrival, without waiting for earlier jobs: the service decides their order.
   * @param signal aborted when nobody waits for the answer any more
   */
  run(request: Request, body: Buffer, signal: AbortSignal): Promise<Response>;
  /** Receives a notice from the pool, in order with the jobs. */
  heed?(notice: Notice): void;
}

/** Announces to the pool what is about to be done; null when it is done. It is sent before this returns, so a crash cannot lose it. */
export type Note = (value: unknown) => void;

/** Size of the read buffer; the default of 64 KB doubles the time for a 100 KB picture. */
const READ_BUFFER_BYTES = 1 << 20;

/**
 * The child's side of a WorkerPool: reads jobs from the pipe, answers with results or failures as data.
 *
 * Signals that a terminal sends to the whole process group are ignored: the parent decides when a worker ends, by
 * closing the pipe. If the parent is killed, the kernel closes it, so no worker outlives its parent.
 */
export function serveJobs<Init, Request, Response, Notice = never>(
  start: (init: Init, note: Note) => Promise<WorkerService<Request, Response, Notice>>,
): void {
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  offerToOomKiller();

  const running = new Map<number, AbortController>();
  let service: WorkerService<Request, Response, Notice> | null = null;
  /** Notices that arrived before the service was ready. */
  const early: Notice[] = [];

  const reader = new FrameReader((message, body) => receive(message as ToWorker, body));
  const options: SocketConstructorOpts & ConnectOpts = {
    fd: PIPE_DESCRIPTOR,
    readable: true,
    writable: true,
    onread: {
      buffer: Buffer.allocUnsafeSlow(READ_BUFFER_BYTES),
      callback: (count, buffer) => {
        reader.push(buffer.subarray(0, count));
        return true;
      },
    },
  };
  const pipe = new Socket(options);
  pipe.on('end', endNow);
  pipe.on('close', endNow);
  pipe.on('error', endNow);
  pipe.resume();

  function receive(message: ToWorker, body: Buffer): void {
    switch (message.type) {
      case 'init':
        start(message.value as Init, (value) => send({ type: 'note', value })).then(
          (started) => {
            service = started;
            for (const notice of early) started.heed?.(notice);
            send({ type: 'ready', value: started.ready });
          },
          (error: unknown) => send({ type: 'unable', failure: toFailure(error) }),
        );
        break;
      case 'job':
        answer(message.id, message.request as Request, body).catch(endNow); // the pool replaces a worker that cannot answer
        break;
      case 'notice':
        if (service === null) early.push(message.value as Notice);
        else service.heed?.(message.value as Notice);
        break;
      case 'cancel':
        running.get(message.id)?.abort();
        break;
    }
  }

  async function answer(id: number, request: Request, body: Buffer): Promise<void> {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      if (service === null) throw new Error('A job arrived before the worker was ready.');
      send({ type: 'done', id, response: await service.run(request, body, controller.signal) });
    } catch (error) {
      send({ type: 'failed', id, failure: toFailure(error) });
    } finally {
      running.delete(id);
    }
  }

  function send(message: FromWorker): void {
    for (const chunk of encodeFrame(message)) pipe.write(chunk);
  }
}

/** Exits without destructors: those of native thread pools may hang or crash, and there is nothing to flush. */
function endNow(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** If memory runs out, Linux should kill a worker, which is replaced, not the server. Raising the score needs no privilege. */
function offerToOomKiller(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '500');
  } catch {
    // Not Linux, or not allowed: a nicety only.
  }
}
