import { createRequire } from 'node:module';
import type hnswlib from 'hnswlib-node';

type GraphLibrary = typeof hnswlib;

export type GraphLibraryState =
  | { readonly kind: 'loaded'; readonly library: GraphLibrary }
  | { readonly kind: 'absent'; readonly limitation: string };

const LIMITATION =
  'There is no graph, since hnswlib-node is not compiled on this machine: searches compare every vector, which is exact, and slower in large galleries. With a C++ compiler, make and Python 3 the next start compiles it.';

/**
 * hnswlib-node, which has to be compiled and may therefore be absent. Nothing but its own file decides: what set-up
 * could not compile, or what was compiled for another Node, does not load.
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
