import type { GraphParameters } from './graph.js';
import type { Joined } from './node-graph.js';

/**
 * The protocol between the index and its builder process. The job is the first argument of the process, as JSON; the
 * vectors are passed in a file (`build-rows.ts`), and the graph is returned in one.
 */
export interface BuildJob {
  readonly parameters: GraphParameters;
  readonly count: number;
  readonly rowsPath: string;
  readonly graphPath: string;
  /** Gives priority to searches and other programs. */
  readonly lowPriority: boolean;
}

export type BuilderMessage =
  /** Number of vectors in the graph; sent from time to time. */
  | { readonly type: 'progress'; readonly done: number }
  | { readonly type: 'built'; readonly joined: readonly Joined[] }
  | { readonly type: 'failed'; readonly message: string };
