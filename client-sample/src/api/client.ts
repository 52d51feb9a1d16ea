import { ApolloClient, ApolloLink } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import UploadHttpLink from 'apollo-upload-client/UploadHttpLink.mjs';
import { OperationTypeNode } from 'graphql';
import { createClient as createWebSocketClient } from 'graphql-ws';
import { createAdministratorLink } from './administrator';
import { createCache } from './cache';
import { fetchWithProgress, type ProgressInit } from './fetch-with-progress';
import { createHoldLink } from './hold-link';
import { checkReachable, reportReachable, reportReturned } from './reachability';

/** The same host that served the page. */
const webSocketUrl = (): string =>
  `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`;

/** Records whether the server answers at all. */
async function watchedFetch(input: RequestInfo | URL, init?: ProgressInit): Promise<Response> {
  try {
    const response = await fetchWithProgress(input, init);
    // What a proxy says when there is no server behind it.
    reportReachable(![502, 504].includes(response.status));
    return response;
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'AbortError')) reportReachable(false);
    throw error;
  }
}

export function createApolloClient(): ApolloClient {
  const http = new UploadHttpLink({
    uri: '/graphql',
    // Without it the server refuses uploads: a form on another site could send an upload, but not this header.
    headers: { 'apollo-require-preflight': 'true' },
    fetch: watchedFetch,
  });
  const socket = new GraphQLWsLink(
    createWebSocketClient({
      url: webSocketUrl(),
      lazy: true,
      retryAttempts: Infinity,
      shouldRetry: () => true,
      on: {
        // A page that only listens would otherwise not notice that the server went away, nor what it missed.
        closed: (event) => {
          if (!(event instanceof CloseEvent && event.code === 1000)) checkReachable();
        },
        connected: (_socket, _payload, wasRetry) => {
          if (wasRetry) reportReturned();
        },
      },
    }),
  );
  return new ApolloClient({
    cache: createCache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      socket,
      ApolloLink.from([createHoldLink(), createAdministratorLink(), http]),
    ),
  });
}
