import { randomBytes } from 'node:crypto';
import type { App } from '../app.js';
import { createSchema } from '../schema/build-schema.js';
import { operationGate } from '../schema/prepare-operation.js';
import { authenticator } from './authenticate.js';
import { hostRules } from './host-guard.js';
import { Lifecycle } from './lifecycle.js';
import { createMetrics } from './metrics.js';
import { requestCounter } from './rate-limit.js';
import { contextMaker } from './request-context.js';
import type { ServerParts } from './server-plugin.js';

/** Creates what the plugins of a server share. */
export async function createServerParts(app: App): Promise<ServerParts> {
  const { config } = app;
  const schema = await createSchema();
  const localToken = randomBytes(32).toString('base64url');
  return {
    app,
    schema,
    lifecycle: new Lifecycle(),
    identify: authenticator({ token: config.adminToken, localToken, host: config.host }),
    localToken,
    createContext: contextMaker(app),
    prepareOperation: operationGate({ schema, introspection: config.introspection }),
    countRequest: requestCounter(config.rateLimit),
    isOwnHost: hostRules({ host: config.host, allowed: config.allowedHosts }),
    metrics: createMetrics(app),
  };
}
