import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from '../logger.js';
import { assertOperationText } from '../schema/check-text.js';
import type { Context } from '../schema/context.js';
import { formatError } from '../schema/format-error.js';
import { assertAffordable, MAX_TOKENS, operationLimits } from '../schema/limits.js';

export interface ApolloOptions {
  readonly schema: GraphQLSchema;
  /** INTROSPECTION */
  readonly introspection: boolean;
  readonly logger: Logger;
}

/** GraphQL over HTTP, not started yet. */
export function createApollo({ schema, introspection, logger }: ApolloOptions): ApolloServer<Context> {
  return new ApolloServer<Context>({
    schema,
    introspection,
    csrfPrevention: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    validationRules: [operationLimits],
    formatError: (formatted, error) => formatError(formatted, error, logger),
    logger: {
      debug: (message) => logger.debug({}, String(message)),
      info: (message) => logger.debug({}, String(message)),
      warn: (message) => logger.warn({}, String(message)),
      error: (message) => logger.error({}, String(message)),
    },
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      {
        requestDidStart: async () => ({
          didResolveOperation: async ({ document, operationName, request }) => {
            assertOperationText(document, request.variables);
            assertAffordable(schema, document, operationName, request.variables ?? {});
          },
        }),
      },
    ],
  });
}
