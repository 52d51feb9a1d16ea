import type { RequestHandler } from 'express';
import { playground as playgroundRoutes } from '../playground.js';
import type { CreatePlugin } from '../server-plugin.js';

/** `/playground`, if introspection is allowed. */
export const playground: CreatePlugin = ({ app }) => ({
  routes(web) {
    if (!app.config.introspection) return;
    web.use('/playground', playgroundRoutes());
    web.get('/graphql', showPlayground);
  },
});

/** Shows it to people who open the address of the API in a browser. */
const showPlayground: RequestHandler = (request, response, next) => {
  const accept = request.get('accept') ?? '';
  const isBrowser = accept.includes('text/html') && !accept.includes('json');
  if (!isBrowser || request.query['query'] !== undefined) return next();
  response.redirect('/playground');
};
