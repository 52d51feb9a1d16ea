import type { NodeGraph } from './node-graph.js';

/** Background work, one at a time. */
export interface Work {
  readonly kind: 'build' | 'catch-up';
  readonly abort: AbortController;
  /** Settles after the state has changed. */
  readonly done: Promise<void>;
}

/**
 * The state of the graph and of the work on it.
 *
 *     none        every vector is compared; `gaveUp` says why no graph is built any more
 *     preparing   every vector is compared until a graph is built or brought up to date
 *     serving     searches use the graph; `gaveUp` says why it is not replaced although it should be
 *     replacing   the same, while another one is built
 */
export type GraphState =
  | { readonly kind: 'none'; readonly gaveUp: string | null }
  | { readonly kind: 'preparing'; readonly work: Work }
  | { readonly kind: 'serving'; readonly graph: NodeGraph; readonly gaveUp: string | null }
  | { readonly kind: 'replacing'; readonly graph: NodeGraph; readonly work: Work };

export const graphOf = (state: GraphState): NodeGraph | null => ('graph' in state ? state.graph : null);
export const workOf = (state: GraphState): Work | null => ('work' in state ? state.work : null);
export const gaveUpOf = (state: GraphState): string | null => ('gaveUp' in state ? state.gaveUp : null);

/** The state with this graph, or none, as the serving one. */
export function withGraph(state: GraphState, graph: NodeGraph | null): GraphState {
  switch (state.kind) {
    case 'none':
    case 'serving':
      return graph === null
        ? { kind: 'none', gaveUp: state.gaveUp }
        : { kind: 'serving', graph, gaveUp: state.gaveUp };
    case 'preparing':
    case 'replacing':
      return graph === null
        ? { kind: 'preparing', work: state.work }
        : { kind: 'replacing', graph, work: state.work };
  }
}

/** The state after work has begun. */
export function withWork(state: GraphState, work: Work): GraphState {
  const graph = graphOf(state);
  return graph === null ? { kind: 'preparing', work } : { kind: 'replacing', graph, work };
}

/** The state after work has ended. @param gaveUp why it is not tried again */
export function withoutWork(state: GraphState, gaveUp: string | null): GraphState {
  const graph = graphOf(state);
  return graph === null ? { kind: 'none', gaveUp } : { kind: 'serving', graph, gaveUp };
}
