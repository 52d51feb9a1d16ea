import type { CreatePlugin } from '../server-plugin.js';
import { serveSubscriptions } from '../subscriptions.js';

/** GraphQL over WebSocket at `/graphql`. */
export const subscriptions: CreatePlugin = (parts) => {
  let sockets: { close(): Promise<void> } | null = null;
  return {
    attach(server) {
      const { config, logger, spaces } = parts.app;
      sockets = serveSubscriptions({ ...parts, server, origins: config.corsOrigins, logger, spaces });
    },
    drain: async () => sockets?.close(),
  };
};
