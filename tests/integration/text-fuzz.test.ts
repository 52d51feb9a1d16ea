import { request as httpRequest } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { foldText, isText } from '../../src/lib/text.js';
import { addToGallery, type Answer, type Connection, nodesOf, request, upload } from '../helpers/graphql.js';
import { jpeg, seededRandom } from '../helpers/pictures.js';
import { startServer, type TestServer } from '../helpers/server.js';

const SEED = 20_261_127;
const ROUNDS = 60;

let server: TestServer;
let root: string;
let id: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'likeness-fuzz-'));
  server = await startServer({ env: { IMPORT_ROOTS: root } });
  id = (await addToGallery(server.url, await jpeg(1))).image.id;
});

afterAll(async () => {
  await server.dispose();
  await rm(root, { recursive: true, force: true });
});

/** Of each kind of character that has made trouble somewhere. */
const PIECES = [
  ['\ud800', '\udbff', '\udc00', '\udfff'],
  ['\0', '\u0001', '\u0007', '\u001b[2J', '\u007f', '\u0085', '\r\n', '\t'],
  [
    '\u200b',
    '\u200d',
    '\u2060',
    '\ufeff',
    '\u00ad',
    '\u034f',
    '\u115f',
    '\u3164',
    '\ufe0f',
    '\u{e0001}',
    '\u{e0100}',
  ],
  ['\u200e', '\u200f', '\u202a', '\u202e', '\u2066', '\u2069', '\u061c'],
  [
    'e\u0301',
    'z\u0301\u0302\u0303\u0304',
    '👨\u200d👩\u200d👧\u200d👦',
    '🇫🇷',
    'क्षि',
    '각',
    'x' + '\u0301'.repeat(80),
  ],
  ['İ', 'ı', 'ß', 'ẞ', 'ﬁ', 'ＡＢＣ', 'ς', '①', 'ﷺ', '㎏', '，', '\u3000'],
  [
    "'",
    '"',
    '%',
    '_',
    '\\',
    '--',
    ';',
    '$1',
    '?',
    '${x}',
    '<b>',
    '../',
    '\u2028',
    '\ufffe',
    '\uffff',
    '\u{10ffff}',
  ],
  ['a', 'B', '7', ' ', '中', 'я', 'ش'],
];

function* texts(rounds: number): Generator<string> {
  const random = seededRandom(SEED);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  for (let round = 0; round < rounds; round++) {
    const kinds = random() < 0.3 ? [pick(PIECES)] : PIECES;
    let text = '';
    for (let n = 1 + Math.floor(random() * (random() < 0.1 ? 120 : 8)); n > 0; n--) text += pick(pick(kinds));
    yield text;
  }
}

const CODES = new Set(['BAD_USER_INPUT', 'IMAGE_NOT_FOUND', 'FORBIDDEN']);

/** Data, or a code that says that it was the client's mistake. */
function assertAnswered(answer: Answer<unknown>, what: string, text: string): void {
  const codes = answer.errors.map(({ extensions }) => extensions.code);
  const problem = codes.find((code) => !CODES.has(code));
  expect({ what, text: JSON.stringify(text), problem }).toEqual({
    what,
    text: JSON.stringify(text),
    problem: undefined,
  });
  if (!isText(text)) expect(codes).not.toEqual([]);
}

const OPERATIONS: Record<string, (text: string) => Promise<Answer<unknown>>> = {
  tags: (text) =>
    request(
      server.url,
      'mutation ($ids: [ID!]!, $add: [String!]) { tagImages(ids: $ids, add: $add) { images { tags } } }',
      {
        ids: [id],
        add: [text],
      },
    ),
  'tags to remove': (text) =>
    request(
      server.url,
      'mutation ($ids: [ID!]!, $tags: [String!]) { tagImages(ids: $ids, remove: $tags) { images { id } } }',
      {
        ids: [id],
        tags: [`other ${text}`],
      },
    ),
  filter: (text) =>
    request(server.url, 'query ($filter: GalleryFilter) { galleryImages(filter: $filter) { totalCount } }', {
      filter: { text, anyTags: [text] },
    }),
  'filter of a search': (text) =>
    request(
      server.url,
      'query ($id: ID, $filter: GalleryFilter) { searchByImage(imageId: $id, filter: $filter) { id } }',
      { id, filter: { tags: [text] } },
    ),
  cursor: (text) =>
    request(server.url, 'query ($after: String) { galleryImages(after: $after) { totalCount } }', {
      after: text,
    }),
  'cursor of its own making': (text) => {
    const after = Buffer.from(JSON.stringify(['TITLE', text, 1])).toString('base64url');
    const query = 'query ($after: String) { galleryImages(after: $after, orderBy: TITLE) { totalCount } }';
    return request(server.url, query, { after });
  },
  ids: (text) =>
    request(server.url, 'mutation ($ids: [ID!]!) { removeSearches(ids: $ids) { removedCount } }', {
      ids: [text, '3f0e4a51'],
    }),
  'id of a picture': (text) =>
    request(server.url, 'query ($id: ID) { searchByImage(imageId: $id) { id } }', { id: text }),
  'folder to import': (text) =>
    request(server.url, 'mutation ($path: String!) { importFolder(path: $path) { job { id } } }', {
      path: join(root, text),
    }),
  title: async (text) =>
    upload(
      server.url,
      'mutation ($image: Upload!, $title: String, $tags: [String!]) { addToGallery(image: $image, title: $title, tags: $tags) { created } }',
      { image: null, title: text, tags: [text] },
      [{ paths: ['variables.image'], bytes: await jpeg(1) }],
    ),
};

test(`${ROUNDS} hostile texts (seed ${SEED}) at each of ${Object.keys(OPERATIONS).length} doors`, async () => {
  for (const text of texts(ROUNDS)) {
    const answers = await Promise.all(
      Object.entries(OPERATIONS).map(async ([what, send]) => [what, await send(text)] as const),
    );
    for (const [what, answer] of answers) {
      assertAnswered(answer, what, text);
    }
  }
  expect(server.exit).toBeNull();
});

test('what is stored of them is one line, well-formed, and found again by itself', async () => {
  const { data } = await request<{ tags: Connection<{ tag: string }> }>(
    server.url,
    '{ tags { edges { node { tag } } } }',
  );
  const tags = data === null ? [] : nodesOf(data.tags).map(({ tag }) => tag);
  expect(tags.length).toBeGreaterThan(5);
  expect(new Set(tags.map(foldText)).size).toBe(tags.length);
  for (const tag of tags) {
    expect(isText(tag) && !/\p{Cc}/u.test(tag)).toBe(true);
    const found = await request<{ galleryImages: { totalCount: number } }>(
      server.url,
      'query ($tag: String!) { galleryImages(filter: { tags: [$tag] }) { totalCount } }',
      { tag },
    );
    expect([tag, found.data?.galleryImages.totalCount]).toEqual([tag, 1]);
  }
});

test('visitor ids and cookies of any bytes', async () => {
  for (const text of texts(ROUNDS)) {
    const value = Buffer.from(text.replace(/[\0\r\n]/g, '')).toString('latin1');
    const status = await new Promise<number | undefined>((resolve) => {
      try {
        const headers = {
          'x-visitor-id': value,
          cookie: `likeness_visitor=${value}`,
          'content-type': 'application/json',
        };
        const sent = httpRequest(`${server.url}/graphql`, { method: 'POST', headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        sent.on('error', () => resolve(undefined));
        sent.end(JSON.stringify({ query: '{ searchHistory { totalCount } }' }));
      } catch {
        resolve(undefined); // no header at all, says Node.js
      }
    });
    expect([undefined, 200, 400]).toContain(status);
  }
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
});
