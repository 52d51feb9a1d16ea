import { standBack } from '../lib/stand-back.js';
import { serveJobs } from '../lib/worker-pool/worker-process.js';
import { layOut, type Layout } from '../services/atlas/layout.js';
import type { AtlasInit, LayoutRequest } from '../services/atlas/protocol.js';

/** Lays galleries out: minutes of computing for a large one, which must neither stop the server nor slow searches. */
serveJobs<AtlasInit, LayoutRequest, Layout>(async ({ lowPriority }) => {
  if (lowPriority) standBack();
  return {
    run: async ({ dimension }, body) => {
      // A copy: the body may lie at any offset of its buffer.
      const vectors = new Float32Array(new Uint8Array(body).buffer);
      return layOut(vectors, dimension);
    },
  };
});
