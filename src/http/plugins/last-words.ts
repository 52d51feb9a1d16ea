import type { NextFunction, Request, Response } from 'express';
import { sendError } from '../send-error.js';
import type { CreatePlugin } from '../server-plugin.js';

/** Answers requests that no route has answered, and failures of routes. */
export const lastWords: CreatePlugin = ({ app }) => ({
  routes(web) {
    web.use((request, response) => {
      response.status(404).json({ error: `Nothing is at ${request.path}` });
    });
    web.use((error: unknown, _request: Request, response: Response, _next: NextFunction) =>
      sendError(response, error, app.logger),
    );
  },
});
