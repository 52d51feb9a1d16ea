import { ApolloLink } from '@apollo/client';
import { from, mergeMap } from 'rxjs';

/** For the context of an operation. */
export interface Held {
  /**
   * The request is sent once this resolves. When it rejects the operation fails with its reason, so that Apollo takes
   * an optimistic change back: "undo" without a request having been sent.
   */
  readonly hold: Promise<void>;
}

export function createHoldLink(): ApolloLink {
  return new ApolloLink((operation, forward) => {
    const { hold } = operation.getContext() as Partial<Held>;
    return hold === undefined ? forward(operation) : from(hold).pipe(mergeMap(() => forward(operation)));
  });
}
