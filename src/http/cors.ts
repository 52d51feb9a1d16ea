import type { RequestHandler } from 'express';

/** Cross-origin access for the web pages that the operator lists; without a list, browsers allow none. */
export function cors(origins: readonly string[]): RequestHandler {
  return (request, response, next) => {
    const origin = request.get('origin');
    if (origin !== undefined && (origins.includes(origin) || origins.includes('*'))) {
      response.set('access-control-allow-origin', origins.includes(origin) ? origin : '*');
      response.vary('origin');
      if (origins.includes(origin)) response.set('access-control-allow-credentials', 'true');
      response.set(
        'access-control-allow-headers',
        'authorization, content-type, apollo-require-preflight, x-apollo-operation-name, x-visitor-id',
      );
      response.set('access-control-expose-headers', 'retry-after');
      response.set('access-control-allow-methods', 'GET, POST, OPTIONS');
      response.set('access-control-max-age', '86400');
      if (request.method === 'OPTIONS') {
        response.status(204).end();
        return;
      }
    }
    next();
  };
}
