import { standBack } from '../lib/stand-back.js';
import { serveJobs } from '../lib/worker-pool/worker-process.js';
import { layOut, type Layout } from '../services/atlas/layout.js';
import type { AtlasInit, LayoutRequest } from '../services/atlas/protocol.js';

/** Computes layouts of galleries. A large one takes minutes, which must neither block the server nor slow down searches. */
serveJobs<AtlasInit, LayoutRequest, Layout>(async ({ lowPriority }) => {
  if (lowPriority) standBack();
  return {
    run: async ({ dimension }, body) => {
      // A copy, because the body may start at any offset of its buffer.
      const vectors = new Float32Array(new Uint8Array(body).buffer);
      return layOut(vectors, dimension);
    },
  };
});
