import { Router, type RequestHandler } from 'express';
import type { App } from '../app.js';
import { isOpen, type Lifecycle } from './lifecycle.js';
import type { Metrics } from './metrics.js';

const ROUTES = ['graphql', 'media', 'playground', 'health', 'ready', 'metrics'];

/** Times every request by its route. */
export function requestMetrics(metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const start = performance.now();
    response.on('finish', () => {
      const [, first = ''] = request.originalUrl.split(/[/?]/);
      const route = ROUTES.includes(first) ? `/${first}` : 'page';
      metrics.observeRequest(route, response.statusCode, (performance.now() - start) / 1000);
    });
    next();
  };
}

/** `/health`, `/ready`, `/metrics`. */
export function healthRoutes(app: App, metrics: Metrics, lifecycle: Pick<Lifecycle, 'phase'>): Router {
  const router = Router();
  router.get('/health', (_request, response) => void response.json({ status: 'ok' }));
  router.get('/ready', async (_request, response) => {
    const index = await app.index.status();
    const isReady = isOpen(lifecycle.phase);
    response
      .status(isReady ? 200 : 503)
      .json({ ready: isReady, index: index.mode, rebuilding: index.rebuilding, images: index.size });
  });
  router.get('/metrics', async (_request, response) => {
    response.set('content-type', metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  return router;
}
