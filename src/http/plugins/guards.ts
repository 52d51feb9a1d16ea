import { boundTimeOfBody } from '../body-time.js';
import { cors } from '../cors.js';
import { hostGuard } from '../host-guard.js';
import { boundRestOfBody } from '../rest-of-body.js';
import type { CreatePlugin } from '../server-plugin.js';

/** Checks that every request passes before any route; after them its sender is known. */
export const guards: CreatePlugin = ({ app, identify, isOwnHost }) => ({
  routes(web) {
    web.use(boundRestOfBody);
    web.use(boundTimeOfBody);
    web.use(hostGuard(isOwnHost));
    web.use(cors(app.config.corsOrigins));
    web.use((request, _response, next) => {
      identify(request);
      next();
    });
  },
});
