import { requestMetrics } from '../health-routes.js';
import type { CreatePlugin } from '../server-plugin.js';

/** Times every request, including refused ones. */
export const observation: CreatePlugin = ({ metrics }) => ({
  routes(web) {
    web.use(requestMetrics(metrics));
  },
});
