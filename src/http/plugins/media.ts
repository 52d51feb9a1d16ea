import { refuseWhenStopping } from '../lifecycle.js';
import { mediaRoutes } from '../media-routes.js';
import type { CreatePlugin } from '../server-plugin.js';

/** `/media`: pictures, thumbnails, and those of the history. */
export const media: CreatePlugin = ({ app, lifecycle }) => ({
  routes(web) {
    web.use('/media', refuseWhenStopping(lifecycle), mediaRoutes(app));
  },
});
