import type { IncomingMessage, Server } from 'node:http';
import {
  execute,
  GraphQLError,
  parse,
  specifiedRules,
  validate,
  type GraphQLSchema,
  type ExecutionArgs,
} from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { AppError } from '../errors.js';
import { assertOperationText } from '../schema/check-text.js';
import type { Context } from '../schema/context.js';
import { formatError } from '../schema/format-error.js';
import { assertAffordable, MAX_TOKENS, operationLimits } from '../schema/limits.js';
import type { Logger } from '../logger.js';
import type { Space, Spaces } from '../services/spaces.js';

const MAX_MESSAGE_BYTES = 256 * 1024;
const MAX_CONNECTIONS = 1000;

/** Where a context keeps the request that its connection began with. */
const REQUEST = Symbol('request');

/** Same-origin pages, pages the operator named, and clients that are no browser (they send no Origin). */
function originAllowed(
  origin: string | undefined,
  host: string | undefined,
  origins: readonly string[],
): boolean {
  if (origin === undefined || origins.includes('*') || origins.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** GraphQL over WebSocket (graphql-transport-ws) at `/graphql`, under the same limits as over HTTP. */
export function serveSubscriptions(options: {
  server: Server;
  schema: GraphQLSchema;
  origins: readonly string[];
  logger: Logger;
  /** @param space leased for as long as the context is used; null: each event sees what serves then */
  createContext: (request: IncomingMessage, space: Space | null) => Context;
  spaces: Spaces;
}): { close(): Promise<void> } {
  const { server, schema, origins, logger, createContext, spaces } = options;
  const sockets = new WebSocketServer({
    server,
    path: '/graphql',
    maxPayload: MAX_MESSAGE_BYTES,
    verifyClient: ({ origin, req }: { origin: string | undefined; req: IncomingMessage }) =>
      sockets.clients.size < MAX_CONNECTIONS && originAllowed(origin, req.headers.host, origins),
  });
  const format = (errors: readonly GraphQLError[]) =>
    errors.map((error) => {
      const { message, extensions, ...rest } = formatError(error.toJSON(), error, logger);
      return { ...rest, message, ...(extensions && { extensions }) };
    });
  const disposable = useServer(
    {
      schema,
      onSubscribe: (context, _id, { query, operationName, variables }) => {
        try {
          const document = parse(query, { maxTokens: MAX_TOKENS });
          const errors = validate(schema, document, [...specifiedRules, operationLimits]);
          if (errors.length > 0) return errors;
          assertOperationText(document, variables);
          assertAffordable(schema, document, operationName, variables ?? {});
          const args: ExecutionArgs = {
            schema,
            document,
            operationName: operationName ?? null,
            variableValues: variables ?? null,
            contextValue: { ...createContext(context.extra.request, null), [REQUEST]: context.extra.request },
          };
          return args;
        } catch (error) {
          return [
            error instanceof GraphQLError
              ? error
              : error instanceof AppError
                ? new GraphQLError(error.message, { originalError: error })
                : new GraphQLError('The operation could not be read.'),
          ];
        }
      },
      execute: (args) =>
        spaces.use(async (space) => {
          const { [REQUEST]: request } = args.contextValue as { [REQUEST]: IncomingMessage };
          return execute({ ...args, contextValue: createContext(request, space) });
        }),
      onError: (_context, _id, _payload, errors) => format(errors),
      onNext: (_context, _id, _payload, _args, result) =>
        result.errors === undefined
          ? undefined
          : { data: result.data ?? null, errors: format(result.errors) },
    },
    sockets,
  );
  return { close: async () => disposable.dispose() };
}
