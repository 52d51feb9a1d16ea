import { PROJECT_DIR } from '../../project.js';
import type { CreatePlugin } from '../server-plugin.js';
import { webDirOf, webPage } from '../web-page.js';

/** The web client, at every address that no other route has. */
export const page: CreatePlugin = ({ identify }) => ({
  routes(web) {
    web.use(webPage(webDirOf(PROJECT_DIR), identify));
  },
});
