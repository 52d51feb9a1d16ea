import { createClient, type Client } from 'graphql-ws';
import WebSocket from 'ws';
import type { GraphqlError } from './graphql.js';

export interface Operation {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
}

export interface Reply {
  readonly data?: unknown;
  readonly errors: readonly GraphqlError[];
}

/** One of the ways into the schema. */
export interface Door {
  readonly name: 'HTTP' | 'WebSocket';
  /** The first answer. */
  send(operation: Operation): Promise<Reply>;
  close(): Promise<void>;
}

export const socketUrl = (url: string): string => `${url.replace(/^http/, 'ws')}/graphql`;

export function socketClient(url: string): Client {
  return createClient({ url: socketUrl(url), webSocketImpl: WebSocket, retryAttempts: 0 });
}

function httpDoor(url: string): Door {
  return {
    name: 'HTTP',
    send: async ({ query, variables, operationName }) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables, operationName }),
      });
      const { data, errors } = (await response.json()) as Partial<Reply>;
      return { data, errors: errors ?? [] };
    },
    close: async () => {},
  };
}

function socketDoor(url: string): Door {
  const client = socketClient(url);
  return {
    name: 'WebSocket',
    send: async (operation) => {
      try {
        for await (const { data, errors } of client.iterate(operation))
          return { data, errors: (errors ?? []) as unknown as GraphqlError[] };
        return { errors: [] };
      } catch (errors) {
        if (!Array.isArray(errors)) throw errors;
        return { errors: errors as GraphqlError[] };
      }
    },
    close: async () => client.dispose(),
  };
}

export const doorsOf = (url: string): readonly [Door, Door] => [httpDoor(url), socketDoor(url)];
