import type { GraphParameters } from './graph.js';
import type { Joined } from './node-graph.js';

/**
 * What the index and its builder process say to each other. The job goes as the first argument of the process, as
 * JSON; the vectors go through a file (`build-rows.ts`), the graph comes back in one.
 */
export interface BuildJob {
  readonly parameters: GraphParameters;
  readonly count: number;
  readonly rowsPath: string;
  readonly graphPath: string;
  /** Searches and other programs come first. */
  readonly lowPriority: boolean;
}

export type BuilderMessage =
  /** How many of the vectors are in the graph; from time to time. */
  | { readonly type: 'progress'; readonly done: number }
  | { readonly type: 'built'; readonly joined: readonly Joined[] }
  | { readonly type: 'failed'; readonly message: string };
