import { createRequire } from 'node:module';
import type hnswlib from 'hnswlib-node';

type GraphLibrary = typeof hnswlib;

export type GraphLibraryState =
  | { readonly kind: 'loaded'; readonly library: GraphLibrary }
  | { readonly kind: 'absent'; readonly limitation: string };

const LIMITATION =
  'There is no graph, because hnswlib-node is not compiled on this machine: searches compare every vector, which is exact but slower in large galleries. With a C++ compiler, make and Python 3 the next start compiles it.';

/**
 * hnswlib-node, which has to be compiled and may therefore be missing. Only loading it decides: it fails if set-up could
 * not compile it, or if it was compiled for another Node.
 */
function load(): GraphLibraryState {
  try {
    const library = createRequire(import.meta.url)('hnswlib-node') as GraphLibrary;
    return { kind: 'loaded', library };
  } catch {
    return { kind: 'absent', limitation: LIMITATION };
  }
}

export const graphLibrary: GraphLibraryState = load();
