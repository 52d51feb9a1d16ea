import { fork } from 'node:child_process';
import { unreachable } from '../../lib/check.js';
import type { BuilderMessage, BuildJob } from './build-protocol.js';
import type { Joined } from './node-graph.js';

const MAX_STDERR_CHARS = 2000;

/**
 * Builds a graph in a separate process, so that minutes of work do not block the event loop, and a crash of hnswlib costs
 * only the build. The process has exited when the promise settles.
 *
 * @param onProgress called from time to time with the number of vectors in the graph
 * @returns the vectors that joined a node instead of becoming one
 * @throws Error if the process failed or died; the signal's reason if it was aborted
 */
export async function runBuilder(
  builderUrl: URL,
  job: BuildJob,
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<readonly Joined[]> {
  signal.throwIfAborted();
  const child = fork(builderUrl, [JSON.stringify(job)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
  });
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });

  let joined: readonly Joined[] | null = null;
  let failure: string | null = null;
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-MAX_STDERR_CHARS);
  });
  child.on('message', (message: BuilderMessage) => {
    switch (message.type) {
      case 'progress':
        onProgress(message.done);
        return;
      case 'built':
        ({ joined } = message);
        return;
      case 'failed':
        failure = message.message;
        return;
      default:
        unreachable(message);
    }
  });

  try {
    const ended = await new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, killedBy) => resolve(killedBy === null ? `code ${code}` : killedBy));
    });
    signal.throwIfAborted();
    if (joined === null)
      throw new Error(failure ?? `The builder process ended with ${ended}. ${stderr}`.trim());
    return joined;
  } finally {
    signal.removeEventListener('abort', kill);
  }
}
