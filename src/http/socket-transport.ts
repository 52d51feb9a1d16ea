import type { IncomingMessage } from 'node:http';
import { CloseCode, handleProtocols, type Server as GraphQLServer } from 'graphql-ws';
import { WebSocket, type RawData } from 'ws';
import { messageOf } from '../errors.js';
import type { Logger } from '../logger.js';

/** A client that answers no ping for this long is gone or does not read. */
const KEEP_ALIVE_MS = 12_000;
/** How long a client may take to answer that its connection is closed. */
const CLOSE_MS = 2000;
/** Bytes that may wait for a client to read them. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** "Try again later": clients do not treat it as their fault and reconnect. */
const TRY_AGAIN_LATER = 1013;
const INTERNAL_ERROR = 1011;

/** State of one connection. */
export interface Connection {
  readonly request: IncomingMessage;
  /** Messages in progress; an operation counts until its last answer is sent. */
  underWay: number;
  /** Cancels running operations, by their ids. */
  readonly cancel: Map<string, AbortController>;
}

export { handleProtocols };

/**
 * Carries graphql-ws's messages over one socket. Unlike graphql-ws's own transport, it closes a client that does not
 * read before much data waits for it, ends operations with the request for them, and writes nothing to the console.
 */
export function carryMessages(
  graphql: GraphQLServer<Connection>,
  socket: WebSocket,
  request: IncomingMessage,
  logger: Logger,
): void {
  const connection: Connection = { request, underWay: 0, cancel: new Map() };

  const close = (code: number, reason: string): void => {
    socket.close(code, reason);
    setTimeout(() => socket.terminate(), CLOSE_MS).unref();
  };

  const send = (data: string): Promise<void> =>
    new Promise((resolve, reject) => {
      if (socket.bufferedAmount > MAX_WAITING_BYTES) close(TRY_AGAIN_LATER, 'The answers are not read');
      if (socket.readyState !== WebSocket.OPEN) return resolve();
      socket.send(data, (error) => (error ? reject(error) : resolve()));
    });

  const stopKeepAlive = keepAlive(socket, () => close(TRY_AGAIN_LATER, 'No answer to a ping'));
  // graphql-ws sends its full reasons only if they fit into a frame.
  const closed = graphql.opened(
    {
      protocol: socket.protocol,
      send,
      close: (code = 1000, reason = '') => close(code, reason),
      onMessage: (handle) =>
        socket.on('message', (data: RawData) => {
          if (socket.readyState !== WebSocket.OPEN) return;
          const text = (data as Buffer).toString();
          cancelCompleted(connection, text);
          connection.underWay += 1;
          handle(text)
            .catch((error: unknown) => {
              if (socket.readyState !== WebSocket.OPEN) return; // nobody reads the answer any more
              if (isOfServer(error)) return close(CloseCode.BadRequest, messageOf(error));
              logger.error({ error: messageOf(error) }, 'a message of a WebSocket could not be handled');
              close(INTERNAL_ERROR, 'Internal server error');
            })
            .finally(() => (connection.underWay -= 1));
        }),
    },
    connection,
  );
  // The client's fault: an invalid frame, a message above the limit, a broken connection.
  socket.on('error', (error) => logger.debug({ error: messageOf(error) }, 'a WebSocket failed'));
  socket.once('close', (code, reason) => {
    stopKeepAlive();
    for (const operation of connection.cancel.values()) operation.abort();
    closed(code, reason.toString()).catch((error: unknown) =>
      logger.error({ error: messageOf(error) }, 'a WebSocket could not be cleaned up'),
    );
  });
}

/** A message that only servers send, such as `next`: graphql-ws treats it as its own failure. */
const isOfServer = (error: unknown): boolean =>
  /^Unexpected message of type \w+ received$/.test(messageOf(error));

/** Cancels a query or mutation that the client completes, since graphql-ws has no iterator to end for it. */
function cancelCompleted({ cancel }: Connection, text: string): void {
  if (cancel.size === 0 || text.length > 1000 || !text.includes('"complete"')) return;
  try {
    const { id, type } = JSON.parse(text) as { id?: unknown; type?: unknown };
    if (type === 'complete' && typeof id === 'string') cancel.get(id)?.abort();
  } catch {
    // graphql-ws says so
  }
}

function keepAlive(socket: WebSocket, onSilence: () => void): () => void {
  let answered = true;
  socket.on('pong', () => (answered = true));
  const timer = setInterval(() => {
    if (!answered) return onSilence();
    answered = false;
    socket.ping();
  }, KEEP_ALIVE_MS);
  return () => clearInterval(timer);
}
