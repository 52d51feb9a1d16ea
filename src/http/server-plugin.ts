import type { Server } from 'node:http';
import type { Express } from 'express';
import type { GraphQLSchema } from 'graphql';
import type { App } from '../app.js';
import type { PrepareOperation } from '../schema/prepare-operation.js';
import type { Identify } from './authenticate.js';
import type { IsOwnHost } from './host-guard.js';
import type { Lifecycle } from './lifecycle.js';
import type { Metrics } from './metrics.js';
import type { CountRequest } from './rate-limit.js';
import type { CreateContext } from './request-context.js';

/** What the plugins of one server share. */
export interface ServerParts {
  readonly app: App;
  readonly schema: GraphQLSchema;
  readonly lifecycle: Lifecycle;
  /** Identifies the sender of a request; the only way to do so, for every route, upload and WebSocket. */
  readonly identify: Identify;
  /** A secret of this process that `identify` accepts like ADMIN_TOKEN. */
  readonly localToken: string;
  readonly createContext: CreateContext;
  readonly prepareOperation: PrepareOperation;
  readonly countRequest: CountRequest;
  readonly isOwnHost: IsOwnHost;
  readonly metrics: Metrics;
}

/** One concern of the server. All hooks are optional and run in the order of the list of plugins. */
export interface ServerPlugin {
  /** Adds handlers; requests pass them in the order of the list. */
  readonly routes?: (web: Express) => void;
  /** Before the server listens. */
  readonly attach?: (server: Server) => void;
  /** The server listens on this port. */
  readonly listening?: (port: number) => Promise<void>;
  /** The server was asked to stop and still listens. */
  readonly stopping?: () => Promise<void>;
  /** It no longer listens: ends whatever keeps connections open, by force at the deadline. */
  readonly drain?: (deadline: AbortSignal) => Promise<void>;
  /** Every connection is closed, or it never listened. Called in reverse order. */
  readonly close?: () => Promise<void>;
}

export type CreatePlugin = (parts: ServerParts) => ServerPlugin | Promise<ServerPlugin>;
