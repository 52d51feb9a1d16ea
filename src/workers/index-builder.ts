import { setImmediate as nextTurn } from 'node:timers/promises';
import { messageOf } from '../errors.js';
import { standBack } from '../lib/stand-back.js';
import type { BuilderMessage, BuildJob } from '../services/vector-index/build-protocol.js';
import { readRows } from '../services/vector-index/build-rows.js';
import { Graph } from '../services/vector-index/graph.js';
import type { Joined } from '../services/vector-index/node-graph.js';

/** Entry of the process that builds a graph of many vectors; forked by services/vector-index/builder.ts. */

const VECTORS_PER_TURN = 64;
const MS_PER_REPORT = 500;

function tell(message: BuilderMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, () => resolve());
  });
}

async function build({ parameters, count, rowsPath, graphPath }: BuildJob): Promise<Joined[]> {
  const graph = Graph.create(parameters, count);
  const joined: Joined[] = [];
  let done = 0;
  let reportAt = 0; // in the first iteration
  await readRows(rowsPath, { count, dimension: parameters.dimension }, async (label, vector) => {
    const host = graph.hostOf(vector);
    if (host === null) graph.add(label, vector);
    else joined.push([label, host]);
    if (++done % VECTORS_PER_TURN !== 0) return;
    if (performance.now() >= reportAt) {
      await tell({ type: 'progress', done });
      reportAt = performance.now() + MS_PER_REPORT;
    }
    await nextTurn(); // otherwise Node does not notice that the channel is closed
    if (!process.connected) throw new Error('The parent process has exited.');
  });
  await graph.write(graphPath);
  return joined;
}

try {
  const job = JSON.parse(process.argv[2] ?? '') as BuildJob;
  if (job.lowPriority) standBack();
  const joined = await build(job);
  await tell({ type: 'built', joined });
} catch (error) {
  await tell({ type: 'failed', message: messageOf(error) });
  process.exitCode = 1;
} finally {
  if (process.connected) process.disconnect();
}
