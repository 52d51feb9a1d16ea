import { join, sep } from 'node:path';
import compression from 'compression';
import { Router, type NextFunction, type Request, type Response } from 'express';
import staticFiles from 'express-static-gzip';
import type { Identify } from './authenticate.js';
import { keepVisitor } from './visitor.js';

/** Nothing inline, nothing from other hosts. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self' ws: wss:",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Folder of the built web client. */
export const webDirOf = (projectDir: string): string => join(projectDir, 'client-sample', 'dist');

const isPage = (request: Request): boolean => request.accepts(['json', 'html']) === 'html';

/** The web client: its files, and its start page at every address that may have been shared. */
export function webPage(dir: string, identify: Identify): Router {
  const router = Router();
  router.use((request: Request, response: Response, next: NextFunction) => {
    response.setHeader('content-security-policy', POLICY);
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    // Set with the page itself, since its first concurrent requests would each get a different id.
    if (isPage(request)) keepVisitor(identify(request), response);
    next();
  });
  router.use(compression()); // for tiny files, which set-up does not compress
  router.use(
    staticFiles(dir, {
      enableBrotli: true,
      orderPreference: ['br'],
      serveStatic: {
        setHeaders: (response, path) => {
          // Asset names change with their content; everything else is revalidated.
          const forever = path.startsWith(join(dir, 'assets') + sep);
          response.setHeader('cache-control', forever ? 'public, max-age=31536000, immutable' : 'no-cache');
        },
      },
    }),
  );
  router.get(/^\/[^.]*$/, (request: Request, response: Response, next: NextFunction) => {
    if (!isPage(request)) return next(); // a program gets a 404
    response.setHeader('cache-control', 'no-cache');
    response.sendFile(join(dir, 'index.html'));
  });
  return router;
}
