import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { execute, GraphQLError, type ExecutionArgs, type GraphQLSchema } from 'graphql';
import { makeServer } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import { AppError } from '../errors.js';
import type { Logger } from '../logger.js';
import { formatErrors } from '../schema/format-error.js';
import type { PrepareOperation } from '../schema/prepare-operation.js';
import type { Spaces } from '../services/spaces/spaces.js';
import type { Identify } from './authenticate.js';
import { closeSockets } from './close-sockets.js';
import { hostNotAllowed, type IsOwnHost } from './host-guard.js';
import { isWebSocket, serveWithoutUpgrade } from './other-upgrades.js';
import type { CountRequest } from './rate-limit.js';
import type { CreateContext } from './request-context.js';
import { carryMessages, handleProtocols, type Connection } from './socket-transport.js';

const MAX_MESSAGE_BYTES = 256 * 1024;
const MAX_CONNECTIONS = 1000;
/** Behind a proxy, all clients have the same address. */
const MAX_CONNECTIONS_PER_ADDRESS = 200;
/** Concurrent operations of one connection. */
const MAX_OPERATIONS = 100;

/** Key of the function that creates a new context for an operation's spaces. */
const CONTEXT_OF = Symbol('contextOf');

/** Allows same-origin pages, pages that the operator lists, and clients without Origin, which are not browsers. */
function originAllowed(
  origin: string | undefined,
  host: string | undefined,
  origins: readonly string[],
): boolean {
  if (origin === undefined || origins.includes('*') || origins.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

export interface SubscriptionOptions {
  readonly server: Server;
  readonly schema: GraphQLSchema;
  readonly prepareOperation: PrepareOperation;
  /** RATE_LIMIT, shared with HTTP. */
  readonly countRequest: CountRequest;
  readonly origins: readonly string[];
  readonly isOwnHost: IsOwnHost;
  readonly logger: Logger;
  readonly identify: Identify;
  readonly createContext: CreateContext;
  readonly spaces: Spaces;
}

export interface Subscriptions {
  /** Ends every connection. @param deadline when it is aborted, connections that have not answered are cut */
  close(deadline: AbortSignal): Promise<void>;
}

/** GraphQL over WebSocket (graphql-transport-ws) at `/graphql`, through the same gate as over HTTP. */
export function serveSubscriptions(options: SubscriptionOptions): Subscriptions {
  const { server, origins, isOwnHost, logger } = options;
  const fromAddress = new Map<string, number>();
  const sockets = new WebSocketServer({
    noServer: true,
    path: '/graphql',
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (protocols) => handleProtocols(protocols),
    // One message of a connection at a time, so that others get their turn in between.
    allowSynchronousEvents: false,
    verifyClient: ({ origin, req }: { origin: string | undefined; req: IncomingMessage }, answer) => {
      if (!isOwnHost(req)) return answer(false, 421, hostNotAllowed().message);
      if (!originAllowed(origin, req.headers.host, origins)) return answer(false, 401, 'Origin not allowed');
      const connections = fromAddress.get(req.socket.remoteAddress ?? '') ?? 0;
      if (connections >= MAX_CONNECTIONS_PER_ADDRESS) return answer(false, 429, 'Too many connections');
      answer(sockets.clients.size < MAX_CONNECTIONS, 503, 'Too many connections');
    },
  });
  const graphql = makeServer<Record<string, unknown>, Connection>(operations(options));
  sockets.on('connection', (socket, request) => {
    const address = request.socket.remoteAddress ?? '';
    fromAddress.set(address, (fromAddress.get(address) ?? 0) + 1);
    socket.once('close', () => {
      const left = (fromAddress.get(address) ?? 1) - 1;
      if (left > 0) fromAddress.set(address, left);
      else fromAddress.delete(address);
    });
    carryMessages(graphql, socket, request, logger);
  });
  sockets.on('error', (error) => logger.error({ error: error.message }, 'the WebSocket server failed'));
  const upgrade = (request: IncomingMessage, socket: Duplex, rest: Buffer): void => {
    if (!isWebSocket(request)) return serveWithoutUpgrade(server, request, socket, rest);
    sockets.handleUpgrade(request, socket, rest, (opened) => sockets.emit('connection', opened, request));
  };
  server.on('upgrade', upgrade);
  return {
    close: (deadline) => {
      server.off('upgrade', upgrade);
      return closeSockets(sockets, deadline);
    },
  };
}

/** Callbacks of graphql-ws for each operation. */
function operations(
  options: SubscriptionOptions,
): Parameters<typeof makeServer<Record<string, unknown>, Connection>>[0] {
  const { schema, prepareOperation, countRequest, logger, identify, createContext, spaces } = options;
  const format = (errors: readonly GraphQLError[]) => formatErrors(errors, logger);
  return {
    schema,
    onSubscribe: ({ extra: { request, underWay, cancel } }, id, { query, operationName, variables }) => {
      try {
        countRequest(request.socket.remoteAddress);
        assertFew(underWay);
      } catch (error) {
        return [new GraphQLError('Refused', { originalError: error as Error })];
      }
      const prepared = prepareOperation({ query, operationName, variables, transport: 'websocket' });
      if (!prepared.ok) return [...prepared.errors];
      const operation = new AbortController();
      cancel.set(id, operation);
      const principal = identify(request);
      const contextOf: ContextOf = (leased) =>
        createContext({ principal, signal: operation.signal, spaces: leased });
      const args: ExecutionArgs = {
        schema,
        document: prepared.document,
        operationName: operationName ?? null,
        variableValues: variables ?? null,
        // In a subscription, each event uses the spaces that serve at that time.
        contextValue: { ...contextOf(null), [CONTEXT_OF]: contextOf },
      };
      return args;
    },
    execute: (args) =>
      spaces.use(async (lease) => {
        const { [CONTEXT_OF]: contextOf } = args.contextValue as { [CONTEXT_OF]: ContextOf };
        return execute({ ...args, contextValue: contextOf(lease) });
      }),
    onComplete: ({ extra: { cancel } }, id) => void cancel.delete(id),
    onError: (_context, _id, _payload, errors) => format(errors),
    onNext: (_context, _id, _payload, _args, { data, errors }) =>
      errors && { ...(data !== undefined && { data }), errors: format(errors) },
  };
}

type ContextOf = (spaces: Parameters<CreateContext>[0]['spaces']) => ReturnType<CreateContext>;

/** @throws AppError RATE_LIMITED if a connection has too many operations */
function assertFew(operations: number): void {
  if (operations <= MAX_OPERATIONS) return;
  throw new AppError('RATE_LIMITED', `A connection may have ${MAX_OPERATIONS} operations at once.`, {
    details: { limit: MAX_OPERATIONS, actual: operations, unit: 'operations', retryAfterMs: 1000 },
  });
}
