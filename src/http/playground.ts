import type { renderAltair } from 'altair-static';
import express, { Router, type Request, type Response } from 'express';

/** Initial content of the playground. The variable is called `file` because Altair gives the first file that name. */
const QUERY = `# Likeness: which of my pictures look like this one?
# Run one of these: Ctrl+Enter with the cursor in it. Clients, with an example for each: docs/clients.md

query Gallery {
  galleryImages(first: 8) {
    totalCount
    edges { node { id title tags thumbnailUrl similar(topK: 3) { similarity image { id title } } } }
  }
}

# Your own picture: Variables (below) > Add files > Select files. The name of the row is that of the variable: file.
query SearchByFile($file: Upload!) {
  searchByImage(image: $file, topK: 5) {
    matches { rank similarity image { id title url } }
    analysis { width height format timings { decodeMs embedMs searchMs totalMs } }
  }
}

mutation AddToGallery($file: Upload!) {
  addToGallery(image: $file) { created image { id title url } }
}

# Runs until it is stopped, and shows what is added and removed meanwhile.
subscription GalleryChanges {
  galleryChanged { kind images { id title } }
}
`;

const OPTIONS = {
  endpointURL: '/graphql',
  subscriptionsEndpoint: '/graphql',
  initialSubscriptionRequestHandlerId: 'graphql-ws',
  initialHeaders: { 'apollo-require-preflight': 'true' },
  initialQuery: QUERY,
  initialSettings: { 'banners.disable': true },
  disableAccount: true,
  serveInitialOptionsInSeperateRequest: true,
} satisfies Parameters<typeof renderAltair>[0];

/** Only this server; Altair also creates styles, workers and functions at run time. */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

/** Altair, a page to try the API, served entirely from here: no account, no banners, no other host. */
export function playground(): Router {
  const router = Router();
  let files: Promise<Router> | null = null;
  router.use((_request, response, next) => {
    response.set({
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    next();
  });
  // Loaded on the first request, since it would take a tenth of every start.
  router.use(async (request, response, next) => (await (files ??= altair()))(request, response, next));
  return router;
}

async function altair(): Promise<Router> {
  const altair = await import('altair-static');
  const router = Router();
  const [page, options] = [altair.renderAltair(OPTIONS), altair.renderInitSnippet(OPTIONS)];
  router.get('/', (request: Request, response: Response) => {
    const [path = '', ...query] = request.originalUrl.split(/(?=\?)/);
    if (path.endsWith('/')) response.type('html').send(page);
    else response.redirect(301, [`${path}/`, ...query].join('')); // its files have relative addresses
  });
  router.get('/initial_options.js', (_request, response) => void response.type('js').send(options));
  router.use(
    express.static(altair.getDistDirectory(), {
      setHeaders: (response, path) => {
        if (altair.isSandboxFrame(path))
          response.setHeader('content-security-policy', altair.SANDBOX_FRAME_CSP);
      },
    }),
  );
  return router;
}
