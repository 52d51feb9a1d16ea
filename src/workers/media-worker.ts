import { readFile } from 'node:fs/promises';
import { serveJobs } from '../lib/worker-pool/worker-process.js';
import { configureDecoder, makeThumbnail } from '../services/media/decode.js';
import type { ThumbnailRequest } from '../services/media/thumbnails.js';

/** Makes thumbnails in a separate process, so that no crash or endless loop of a decoder affects the server. */
serveJobs<{ maxPixels: number }, ThumbnailRequest, Uint8Array>(async (limits) => {
  configureDecoder({ threads: 1 });
  return { run: async ({ source, width }) => makeThumbnail(await readFile(source), width, limits) };
});
