/**
 * The processor time of refused documents, and how long other requests wait while a connection requests 5,000
 * subscriptions at once.
 *
 *   node operations.mjs
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSchema } from '../dist/schema/build-schema.js';
import { operationGate } from '../dist/schema/prepare-operation.js';
import { machine, round } from './lib/measure.mjs';
import { graphql, startServer } from './lib/server.mjs';

const require = createRequire(new URL('../dist/main.js', import.meta.url));
const { parse, specifiedRules, validate } = require('graphql');
const { WebSocket } = require('ws');

const times = (count, text) => Array.from({ length: count }, (_, i) => text(i)).join(' ');
const DOCUMENTS = {
  '240 fragments on one field': `{ ${times(240, (i) => `...F${i}`)} } ${times(240, (i) => `fragment F${i} on Query { status { version gallerySize } tags { totalCount } }`)}`,
  'fragments that double': `{ ...F0 } ${times(49, (i) => `fragment F${i} on Query { ${i === 48 ? '__typename' : `...F${i + 1} ...F${i + 1}`} }`)}`,
  'a field 2,000 times': `{ ${times(2000, () => '__typename')} }`,
  'a field 600 times, other arguments': `{ ${times(600, (i) => `galleryImages(first: ${i}) { totalCount }`)} }`,
  '900 unknown fields': `{ ${times(900, (i) => `u${i}`)} }`,
  'errors below 90,000 lines': `${'\n'.repeat(90_000)}query (${times(100, () => '$a: Int')}) { ${times(900, (i) => `u${i}`)} }`,
  '1,200 variables of one name': `query (${times(1200, () => '$a: Int')}) { __typename }`,
  '100 KB of comments': `# ${'x'.repeat(99_900)}\n{ nothing }`,
};

/**
 * Processor time, which other programs do not affect but which includes the threads of compiler and garbage collector; and
 * for how long nothing else was answered, which other programs do affect.
 */
function cost(run) {
  const before = process.cpuUsage();
  const start = performance.now();
  run();
  const blockedMs = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1000, blockedMs };
}
const ascending = (values) => values.sort((a, b) => a - b);

const dir = await mkdtemp(join(tmpdir(), 'likeness-bench-'));
try {
  console.log(machine());
  const schema = await createSchema();
  const prepare = operationGate({ schema, introspection: true });
  for (let i = 0; i < 20; i++) prepare({ query: `{ tags { totalCount } u${i} }`, transport: 'http' });
  console.table(
    Object.entries(DOCUMENTS).map(([document, query]) => {
      const took = Array.from({ length: 20 }, () =>
        cost(() => {
          if (prepare({ query, transport: 'http' }).ok) throw new Error(`${document} was not refused`);
        }),
      );
      const cpu = ascending(took.map(({ cpuMs }) => cpuMs));
      const blocked = ascending(took.map(({ blockedMs }) => blockedMs));
      const alone = cost(() => validate(schema, parse(query), specifiedRules));
      return {
        document,
        KB: round(query.length / 1000),
        'median ms': round(cpu[10]),
        'most ms': round(cpu[19]),
        'blocked at most, ms': round(blocked[19]),
        'graphql-js alone, ms': round(alone.cpuMs),
      };
    }),
  );

  const server = await startServer(dir);
  const ask = async () => {
    const start = performance.now();
    await graphql(server.url, '{ status { version } }');
    return performance.now() - start;
  };
  for (let i = 0; i < 20; i++) await ask();
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  let answers = 0;
  await new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('message', resolve);
    socket.once('open', () => socket.send('{"type":"connection_init"}'));
  });
  socket.on('message', () => (answers += 1));
  const subscription = { query: 'subscription { galleryChanged { kind ids } }' };
  for (let i = 0; i < 5000; i++)
    socket.send(JSON.stringify({ id: String(i), type: 'subscribe', payload: subscription }));
  const waits = [];
  while (answers < 4900) waits.push(await ask());
  socket.terminate();
  console.log(
    `others waited for: ${round(Math.max(...waits))} ms at most, in ${waits.length} requests meanwhile`,
  );
  await server.stop();
} finally {
  await rm(dir, { recursive: true, force: true });
}
