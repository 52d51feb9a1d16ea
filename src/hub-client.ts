import { networkEnvironment, readEnvironment, type Config } from './config.js';
import { VERSION } from './project.js';
import { openHttpClient, type HttpClient } from './model-tools/hub/http-client.js';

/** Opens a client of the hub, with the proxies and the token of the environment. @throws AppError CONFIG_INVALID */
export function openHubClient({ modelHub }: Pick<Config, 'modelHub'>): HttpClient {
  const { proxy, hubToken } = networkEnvironment(readEnvironment());
  return openHttpClient({
    proxy,
    token: hubToken === '' ? null : { origin: new URL(modelHub).origin, value: hubToken },
    userAgent: `likeness/${VERSION}`,
  });
}
