import type { CreatePlugin } from '../server-plugin.js';
import { serveSubscriptions, type Subscriptions } from '../subscriptions.js';

/** GraphQL over WebSocket at `/graphql`. */
export const subscriptions: CreatePlugin = (parts) => {
  let sockets: Subscriptions | null = null;
  return {
    attach(server) {
      const { config, logger, spaces } = parts.app;
      sockets = serveSubscriptions({ ...parts, server, origins: config.corsOrigins, logger, spaces });
    },
    drain: async (deadline) => sockets?.close(deadline),
  };
};
