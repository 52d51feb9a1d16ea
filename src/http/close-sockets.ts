import type { WebSocketServer } from 'ws';
import { onAbort } from '../lib/on-abort.js';

/**
 * Closes every connection and waits for the other ends.
 * @param deadline when it is aborted, connections whose other end has not answered are cut
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
