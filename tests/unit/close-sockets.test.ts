import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import WebSocket, { WebSocketServer } from 'ws';
import { closeSockets } from '../../src/http/close-sockets.js';
import { waitFor } from '../helpers/wait-for.js';

/** Two connections: one that answers, and one whose other end reads nothing any more. */
async function connectTwo() {
  const server = createServer();
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request)),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connect = async (): Promise<WebSocket> => {
    const client = new WebSocket(`ws://127.0.0.1:${port}/`);
    client.on('error', () => {});
    await once(client, 'open');
    return client;
  };
  const [polite, deaf] = [await connect(), await connect()];
  deaf.pause();
  return { server, sockets, polite, deaf };
}

test('a connection that does not answer the goodbye is cut at the deadline and holds no stop up', async () => {
  const { server, sockets, polite, deaf } = await connectTwo();
  try {
    const deadline = new AbortController();
    let isClosed = false;
    const goodbye = once(polite, 'close');
    const closed = closeSockets(sockets, deadline.signal).then(() => (isClosed = true));
    expect((await goodbye)[0]).toBe(1001);
    await waitFor('the connection that answered to be gone', () => sockets.clients.size === 1);
    expect(isClosed).toBe(false);
    deadline.abort();
    await closed;
    expect(sockets.clients.size).toBe(0);
  } finally {
    polite.terminate();
    deaf.terminate();
    server.close();
    server.closeAllConnections();
  }
});
