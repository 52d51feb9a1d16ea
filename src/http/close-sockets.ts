import type { WebSocketServer } from 'ws';
import { onAbort } from '../lib/on-abort.js';

/**
 * Says goodbye on every connection and waits for the answers.
 * @param deadline aborted when there is no more time: connections whose other end does not answer are then cut
 */
export async function closeSockets(sockets: WebSocketServer, deadline: AbortSignal): Promise<void> {
  const closed = new Promise<void>((resolve) => sockets.close(() => resolve()));
  for (const socket of sockets.clients) socket.close(1001, 'Going away');
  const cut = (): void => sockets.clients.forEach((socket) => socket.terminate());
  const forget = onAbort(deadline, cut);
  if (deadline.aborted) cut();
  await closed;
  forget();
}
