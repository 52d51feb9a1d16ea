import { dataDirOf, temporaryDirOf } from '../../config.js';
import { MAX_BATCH } from '../../schema/limits.js';
import { createApollo } from '../apollo.js';
import { graphqlRoute } from '../graphql-route.js';
import { refuseWhenStopping } from '../lifecycle.js';
import { rateLimit } from '../rate-limit.js';
import type { CreatePlugin } from '../server-plugin.js';

/** GraphQL over HTTP at `/graphql`, with uploads. */
export const graphql: CreatePlugin = async (parts) => {
  const { app, schema, prepareOperation, lifecycle, countRequest, identify, createContext } = parts;
  const { config, logger } = app;
  const apollo = createApollo({ schema, prepareOperation, logger });
  await apollo.start();
  return {
    routes(web) {
      web.use(
        '/graphql',
        graphqlRoute({
          apollo,
          identify,
          createContext,
          spaces: app.spaces,
          guards: [refuseWhenStopping(lifecycle), rateLimit(countRequest)],
          uploads: {
            dir: temporaryDirOf(dataDirOf(config)),
            memory: app.memory,
            maxBytes: config.maxUploadBytes,
            maxFiles: MAX_BATCH,
            maxModelBytes: config.maxModelBytes,
            identify,
          },
        }),
      );
    },
    close: () => apollo.stop(),
  };
};
