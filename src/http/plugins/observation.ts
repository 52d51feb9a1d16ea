import { requestMetrics } from '../health-routes.js';
import type { CreatePlugin } from '../server-plugin.js';

/** Times every request, also those that are refused. */
export const observation: CreatePlugin = ({ metrics }) => ({
  routes(web) {
    web.use(requestMetrics(metrics));
  },
});
