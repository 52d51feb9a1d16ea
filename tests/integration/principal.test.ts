import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';
import { createApp, type App } from '../../src/app.js';
import { loadConfig } from '../../src/config.js';
import type { Caller } from '../../src/http/authenticate.js';
import { createServerParts } from '../../src/http/server-parts.js';
import { silentLogger } from '../../src/logger.js';
import { startServer, type LikenessServer } from '../../src/server.js';
import { socketUrl } from '../helpers/doors.js';
import { PATIENT_SETTINGS } from '../helpers/limits.js';
import { writeTinyModel } from '../helpers/tiny-model.js';

/** Everything asks one function who is calling: here it is listened to, not replaced. */

const TOKEN = 'a-token-of-administrators';
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };

let dir: string;
let app: App;
let server: LikenessServer;
const identified: { request: IncomingMessage; caller: Caller }[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'likeness-principal-'));
  await writeTinyModel(join(dir, 'models'));
  const config = loadConfig(
    {
      ...PATIENT_SETTINGS,
      PORT: '0',
      ADMIN_TOKEN: TOKEN,
      DATABASE_URL: `file:${join(dir, 'data', 'likeness.db')}`,
      INDEX_DIR: join(dir, 'index'),
      MEDIA_DIR: join(dir, 'media'),
      MODELS_DIR: join(dir, 'models'),
      MODEL: 'tiny',
    },
    {},
  );
  app = await createApp({ config, logger: silentLogger, lazyEmbedder: true });
  const parts = await createServerParts(app);
  server = await startServer(app, {
    ...parts,
    identify: (request) => {
      const caller = parts.identify(request);
      identified.push({ request, caller });
      return caller;
    },
  });
});

afterAll(async () => {
  await server.close();
  await app.close();
  await rm(dir, { recursive: true, force: true });
});

beforeEach(() => {
  identified.length = 0;
});

const graphql = (query: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query }),
});

function upload(): RequestInit {
  const body = new FormData();
  const query = 'mutation ($files: [Upload!]!) { uploadModel(files: $files) { id } }';
  body.set('operations', JSON.stringify({ query, variables: { files: [null] } }));
  body.set('map', JSON.stringify({ 0: ['variables.files.0'] }));
  body.set('0', new Blob(['{}']), 'model.json');
  return { method: 'POST', headers: { 'apollo-require-preflight': 'true' }, body };
}

const ROUTES: [string, string, () => RequestInit][] = [
  ['health', '/health', () => ({})],
  ['readiness', '/ready', () => ({})],
  ['metrics', '/metrics', () => ({})],
  ['a picture', '/media/1', () => ({})],
  ['a thumbnail', '/media/1/thumbnail', () => ({})],
  ['a picture of the history', '/media/history/1', () => ({})],
  ['the playground', '/playground/', () => ({})],
  ['the page', '/', () => ({ headers: { accept: 'text/html' } })],
  ['GraphQL', '/graphql', () => graphql('{ __typename }')],
  ['an upload', '/graphql', upload],
  ['what is not there', '/nothing.here', () => ({})],
];

const CALLERS = [
  ['visitor', {}],
  ['administrator', AUTHORIZED],
] as const;

const ROWS = CALLERS.flatMap(([role, headers]) =>
  ROUTES.map(([what, path, init]) => ({ role, headers, what, path, init })),
);

test.each(ROWS)('$what knows a $role by the one function', async ({ role, headers, path, init }) => {
  const request = init();
  const response = await fetch(server.url + path, {
    ...request,
    headers: { ...(request.headers as Record<string, string> | undefined), ...headers },
  });
  await response.arrayBuffer();
  expect(new Set(identified.map(({ request }) => request)).size).toBe(1);
  expect(new Set(identified.map(({ caller }) => caller)).size).toBe(1);
  expect(identified[0]?.caller.role).toBe(role);
});

test.each(CALLERS)('a WebSocket knows a %s by the one function', async (role, headers) => {
  const socket = new WebSocket(socketUrl(server.url), 'graphql-transport-ws', { headers });
  let complete = 0;
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { type: string };
      if (message.type === 'connection_ack')
        for (const id of ['1', '2'])
          socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query: '{ __typename }' } }));
      if (message.type === 'complete' && ++complete === 2) resolve();
      if (message.type === 'error') reject(new Error(data.toString()));
    });
  });
  socket.close();
  expect(new Set(identified.map(({ caller }) => caller)).size).toBe(1);
  expect(identified[0]?.caller.role).toBe(role);
});

test('only an administrator gets as far as the files of a model', async () => {
  const answers = await Promise.all(
    CALLERS.map(async ([, headers]) => {
      const { headers: own, ...request } = upload();
      const response = await fetch(`${server.url}/graphql`, {
        ...request,
        headers: { ...(own as Record<string, string>), ...headers },
      });
      const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
      return errors.map(({ extensions }) => extensions.code);
    }),
  );
  expect(answers[0]).toEqual(['UNAUTHENTICATED']);
  expect(answers[1]).not.toContain('UNAUTHENTICATED');
});

test('looking at pictures and figures makes nobody a visitor with a cookie; the page and the API do', async () => {
  const cookies = await Promise.all(
    ROUTES.slice(0, 9).map(async ([what, path, init]) => {
      const response = await fetch(server.url + path, init());
      await response.arrayBuffer();
      return [what, response.headers.getSetCookie().length];
    }),
  );
  expect(cookies.filter(([, count]) => count !== 0)).toEqual([
    ['the page', 1],
    ['GraphQL', 1],
  ]);
});
