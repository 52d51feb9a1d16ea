import { healthRoutes } from '../health-routes.js';
import type { CreatePlugin } from '../server-plugin.js';

/** `/health`, `/ready`, `/metrics`; also available while the server stops. */
export const health: CreatePlugin = ({ app, metrics, lifecycle }) => ({
  routes(web) {
    web.use(healthRoutes(app, metrics, lifecycle));
  },
});
