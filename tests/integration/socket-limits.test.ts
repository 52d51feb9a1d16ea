import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { getIntrospectionQuery } from 'graphql';
import WebSocket from 'ws';
import { doorsOf, socketUrl, type Door } from '../helpers/doors.js';
import { addToGallery, dataOf, request } from '../helpers/graphql.js';
import { jpeg } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';
import { waitFor } from '../helpers/wait-for.js';

const MAX_OPERATIONS = 100;
const MAX_CONNECTIONS = 200;

let server: TestServer;
let other: Door;
let id: string;
const opened: WebSocket[] = [];

beforeAll(async () => {
  server = await startServer();
  [, other] = doorsOf(server.url);
  id = (await addToGallery(server.url, await jpeg(1))).image.id;
});

afterEach(async () => {
  for (const socket of opened.splice(0)) socket.terminate();
  // Whatever one connection did, another one is served.
  expect((await other.send({ query: '{ tags { totalCount } }' })).errors).toEqual([]);
});

afterAll(async () => {
  await other.close();
  await server.dispose();
});

interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

/** A connection without a client library's good manners. */
async function connect(): Promise<{ socket: WebSocket; messages: Message[]; subscribe: Subscribe }> {
  const socket = new WebSocket(socketUrl(server.url), 'graphql-transport-ws');
  opened.push(socket);
  const messages: Message[] = [];
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as Message));
  socket.on('error', () => {});
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  await waitFor('the acknowledgement', () => messages.length > 0);
  messages.length = 0;
  const subscribe: Subscribe = (operationId, query, variables = {}) =>
    socket.send(JSON.stringify({ id: operationId, type: 'subscribe', payload: { query, variables } }));
  return { socket, messages, subscribe };
}
type Subscribe = (id: string, query: string, variables?: Record<string, unknown>) => void;

const CHANGES = 'subscription { galleryChanged { kind ids } }';

test('5,000 subscriptions on one connection: 100 are taken, the others refused one by one', async () => {
  const { socket, messages, subscribe } = await connect();
  for (let i = 0; i < 5000; i++) subscribe(`s${i}`, CHANGES);
  expect((await other.send({ query: '{ tags { totalCount } }' })).errors).toEqual([]);
  await waitFor('all refusals', () => messages.length === 5000 - MAX_OPERATIONS);
  expect(messages[0]).toEqual({
    id: `s${MAX_OPERATIONS}`,
    type: 'error',
    payload: [
      {
        message: 'A connection may have 100 operations at once.',
        extensions: {
          code: 'RATE_LIMITED',
          retryable: true,
          details: { limit: 100, actual: 101, unit: 'operations', retryAfterMs: 1000 },
        },
      },
    ],
  });
  messages.length = 0;

  // Those that were taken are served, and one that ends makes room for another.
  socket.send('{"id":"s0","type":"complete"}');
  subscribe('again', '{ tags { totalCount } }');
  await waitFor('the answer', () => messages.some(({ type }) => type === 'complete'));
  expect(messages).toEqual([
    { id: 'again', type: 'next', payload: { data: { tags: { totalCount: 0 } } } },
    { id: 'again', type: 'complete' },
  ]);
  messages.length = 0;
  await addToGallery(server.url, await jpeg(2));
  await waitFor('an event for each', () => messages.length === MAX_OPERATIONS - 1);
  expect(new Set(messages.map(({ type }) => type))).toEqual(new Set(['next']));
});

test.each(['next', 'connection_ack'])(
  '%s, which only servers send, is the fault of the client',
  async (type) => {
    const before = server.output().length;
    const { socket } = await connect();
    socket.send(JSON.stringify({ id: '1', type, payload: {} }));
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(4400);
    expect(server.output().slice(before)).toBe('');
  },
);

/** Whether the server still has this connection. */
function serverHas(localPort: number): boolean {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');
  const ESTABLISHED = '01';
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .some(
      ([, local, remote, state]) =>
        local?.endsWith(`:${hex(Number(new URL(server.url).port))}`) === true &&
        remote?.endsWith(`:${hex(localPort)}`) === true &&
        state === ESTABLISHED,
    );
}

test('a client that asks and does not read is closed before much waits for it', async () => {
  const { socket, subscribe } = await connect();
  const localPort = (socket as unknown as { _socket: Socket })._socket.localPort as number;
  expect(serverHas(localPort)).toBe(true);
  const closed = once(socket, 'close');
  socket.pause();
  const large = getIntrospectionQuery();
  for (let i = 0; serverHas(localPort); i++) {
    // The system's own buffers take the first megabytes.
    for (let j = 0; j < 20; j++) subscribe(`q${i}-${j}`, large);
    expect((await other.send({ query: '{ tags { totalCount } }' })).errors).toEqual([]);
    if (i === 2000) throw new Error('The connection was not closed');
  }
  socket.resume();
  // Whoever reads again in time is told to try again later; whoever does not finds the connection gone.
  expect([1013, 1006]).toContain((await closed)[0]);
});

async function embedder(): Promise<{ queued: number; running: number }> {
  const { status } = dataOf(
    await request<{ status: { embedder: { queued: number; running: number } } }>(
      server.url,
      '{ status { embedder { queued running } } }',
    ),
  );
  return status.embedder;
}

const WORK = 'query ($id: ID) { imageAnalysis(imageId: $id) { dominantColors { hex } } }';

test('operations end with the connection that asked for them, or when they are completed', async () => {
  const COUNT = 20;
  const thaw = await server.freeze('embed-worker');
  try {
    const { socket, subscribe } = await connect();
    for (let i = 0; i < COUNT; i++) subscribe(`q${i}`, WORK, { id });
    const waiting = await waitFor('a queue', async () => {
      const { queued, running } = await embedder();
      return queued + running === COUNT && queued > 0 ? queued : null;
    });
    socket.send(JSON.stringify({ id: `q${COUNT - 1}`, type: 'complete' }));
    await waitFor('the completed one to leave', async () => (await embedder()).queued === waiting - 1);
    socket.terminate();
    await waitFor('the others to leave', async () => (await embedder()).queued === 0);
  } finally {
    thaw();
  }
});

test('an address has a limit of connections, and gets one again when it closed one', async () => {
  const attempts = await Promise.allSettled(Array.from({ length: MAX_CONNECTIONS + 1 }, connect));
  const refused = attempts.flatMap((attempt) =>
    attempt.status === 'rejected' ? [attempt.reason as Error] : [],
  );
  expect(refused.length).toBeGreaterThan(0);
  for (const { message } of refused) expect(message).toContain('429');
  for (const attempt of attempts) {
    if (attempt.status !== 'fulfilled') continue;
    attempt.value.socket.terminate();
    break;
  }
  await waitFor('a free place', () =>
    connect().then(
      () => true,
      () => false,
    ),
  );
});
