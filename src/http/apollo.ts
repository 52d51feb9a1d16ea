import { ApolloServer, HeaderMap, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { parse, type DocumentNode, type GraphQLError, type GraphQLSchema } from 'graphql';
import type { Logger } from '../logger.js';
import type { Context } from '../schema/context.js';
import { formatError, formatErrors } from '../schema/format-error.js';
import type { PrepareOperation } from '../schema/prepare-operation.js';

export interface ApolloOptions {
  readonly schema: GraphQLSchema;
  readonly prepareOperation: PrepareOperation;
  readonly logger: Logger;
}

/** Creates GraphQL over HTTP, not yet started. */
export function createApollo({ schema, prepareOperation, logger }: ApolloOptions): ApolloServer<Context> {
  return new ApolloServer<Context>({
    schema,
    csrfPrevention: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    // `gate` parses and checks every document, so nothing is done twice or without the limits.
    documentStore: null,
    dangerouslyDisableValidation: true,
    formatError: (formatted, error) => formatError(formatted, error, logger),
    logger: {
      debug: (message) => logger.debug({}, String(message)),
      info: (message) => logger.debug({}, String(message)),
      warn: (message) => logger.warn({}, String(message)),
      error: (message) => logger.error({}, String(message)),
    },
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      // It visits every field of every answer, only to find that nothing may be cached.
      ApolloServerPluginCacheControlDisabled(),
      gate(prepareOperation, logger),
    ],
  });
}

/** Placeholder for a refused document on its way through Apollo. */
const REFUSED = parse('{ __typename }');

/**
 * Replaces Apollo's own parsing and validation by `prepareOperation`: otherwise graphql-js's rules would run on a
 * document before ours. Apollo uses a document that is already set.
 */
function gate(prepareOperation: PrepareOperation, logger: Logger): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => {
      let errors: readonly GraphQLError[] | null = null;
      return {
        didResolveSource: async (context) => {
          const { operationName, variables } = context.request;
          const prepared = prepareOperation({
            query: context.source,
            operationName,
            variables,
            transport: 'http',
          });
          (context as { document?: DocumentNode }).document = prepared.ok ? prepared.document : REFUSED;
          if (prepared.ok) return;
          errors = prepared.errors;
          context.metrics.persistedQueryRegister = false; // only executable queries are stored
        },
        responseForOperation: async () =>
          errors && {
            http: { status: 400, headers: new HeaderMap() },
            body: { kind: 'single', singleResult: { errors: formatErrors(errors, logger) } },
          },
      };
    },
  };
}
