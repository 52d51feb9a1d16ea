import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  buildSchema,
  getIntrospectionQuery,
  isNonNullType,
  isObjectType,
  parse,
  print,
  type DocumentNode,
} from 'graphql';
import {
  MAX_ALIASES,
  MAX_CHARACTERS,
  MAX_COMPARISONS,
  MAX_DEPTH,
  MAX_FRAGMENTS,
} from '../../src/schema/limits.js';
import { measureDocument } from '../../src/schema/measure-document.js';
import { operationGate } from '../../src/schema/prepare-operation.js';
import * as clientDocuments from '../../client-sample/src/gql/graphql.js';

const PROJECT_DIR = join(import.meta.dirname, '..', '..');
const schema = buildSchema(readFileSync(join(PROJECT_DIR, 'schema.graphql'), 'utf8'));
const prepare = operationGate({ schema, introspection: true });

function errorsOf(query: string, variables: Record<string, unknown> = {}) {
  const prepared = prepare({ query, variables, transport: 'http' });
  return prepared.ok ? [] : prepared.errors;
}
const codesOf = (query: string): unknown[] => errorsOf(query).map(({ extensions }) => extensions['code']);
const times = (count: number, text: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');

const INVENTED = 'status { version gallerySize } tags { totalCount __typename }';

/** Documents that keep graphql-js busy for long, or would without its own bounds. */
const BOMBS = {
  'the reported one: 240 fragments on one field': `{ ${times(240, (i) => `...F${i}`)} } ${times(240, (i) => `fragment F${i} on Query { ${INVENTED} }`)}`,
  'fragments that nothing uses': `{ __typename } ${times(240, (i) => `fragment F${i} on Query { ${INVENTED} }`)}`,
  'fragments that double at each level': `{ ...F0 } ${times(49, (i) => `fragment F${i} on Query { ${i === 48 ? '__typename' : `...F${i + 1} ...F${i + 1}`} }`)}`,
  'fragments that double, with fields between': `{ ...F0 } ${times(11, (i) => `fragment F${i} on Query { ${i === 10 ? '__typename' : `a { ...F${i + 1} } a { ...F${i + 1} }`} }`)}`,
  'many fields of one name': `{ ${times(900, () => '__typename')} }`,
  'many fields of one name with different arguments': `{ ${times(300, (i) => `galleryImages(first: ${i}) { totalCount }`)} }`,
  'many fields of one name below many of one name': `{ ${times(30, () => `status { ${times(30, () => 'version')} }`)} }`,
  'many fields of one name in a fragment that nothing uses': `{ __typename } fragment F on Query { ${times(900, () => '__typename')} }`,
  'one alias for many fields': `{ ${times(300, (i) => `x: f${i}`)} }`,
  'nested selections': `{ ${'a { '.repeat(1000)} b ${'}'.repeat(1000)} }`,
  'nested inline fragments': `{ ${'... { '.repeat(1100)} __typename ${'}'.repeat(1100)} }`,
  'a nested list': `{ galleryImages(first: ${'['.repeat(400)}${']'.repeat(400)}) { totalCount } }`,
  'a nested object': `{ galleryImages(filter: ${'{a: '.repeat(300)}1${'}'.repeat(300)}) { totalCount } }`,
  'a nested type': `query ($a: ${'['.repeat(400)}Int${']'.repeat(400)}) { __typename }`,
  'directives': `{ __typename ${times(600, () => '@skip(if: true)')} }`,
  'operations': times(600, (i) => `query Q${i} { __typename }`),
  'variables of one name': `query (${times(1200, () => '$a: Int')}) { __typename }`,
  'arguments of one name': `{ galleryImages(${times(1200, () => 'first: 1')}) { totalCount } }`,
  'introspection, deep': '{ __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }',
  'introspection, wide': `{ ${times(29, (i) => `a${i}: __schema { types { fields { name args { name type { name } } } } }`)} }`,
  'introspection, by fragments': `{ __schema { types { ...A } } } fragment A on __Type { ${times(25, (i) => `f${i}: fields { args { name type { name kind } } }`)} }`,
}; // prettier-ignore

describe('what would keep validation busy is counted before it begins', () => {
  test.each(Object.entries(BOMBS))('%s', (_name, query) => {
    expect(codesOf(query)).toEqual(['QUERY_TOO_COMPLEX']);
    expect(() => measureDocument(parse(query))).toThrow(/too complex/);
  });

  test('a text of spaces and comments is refused unread', () => {
    expect(codesOf(`{ __typename } ${'#'.repeat(MAX_CHARACTERS)}`)).toEqual(['QUERY_TOO_COMPLEX']);
  });

  test('more tokens than allowed end the parsing', () => {
    expect(codesOf(`{ ${times(5000, () => 'a')} }`)).toEqual(['GRAPHQL_PARSE_FAILED']);
  });

  test('more levels than the parser has stack for are an error of the client', () => {
    const [error] = errorsOf(`{ tags(a: ${'['.repeat(2400)}${']'.repeat(2400)}) { tag } }`);
    expect(['GRAPHQL_PARSE_FAILED', 'QUERY_TOO_COMPLEX']).toContain(error?.extensions['code']);
  });

  test('fragments that contain each other end neither the count nor the validation', () => {
    const all = times(40, (i) => `...F${i}`);
    const [error] = errorsOf(`{ ...F0 } ${times(40, (i) => `fragment F${i} on Query { ${all} }`)}`);
    expect(error?.extensions['code']).toBe('QUERY_TOO_COMPLEX');
    const few = errorsOf('{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }');
    expect(few.map(({ message }) => message)).toEqual(['Cannot spread fragment "A" within itself via "B".']);
  });

  test('a fragment that is unknown counts as nothing', () => {
    expect(measureDocument(parse('{ ...Nowhere }'))).toMatchObject({ cyclic: false });
    expect(codesOf('{ ...Nowhere }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  });

  test('the work of the count is bounded, also for what just passes', () => {
    const fragments = times(MAX_FRAGMENTS, (i) => `fragment F${i} on Query { ${INVENTED} }`);
    const passing = [
      `{ ${times(MAX_FRAGMENTS, (i) => `...F${i}`)} } ${fragments}`,
      `{ ${times(Math.floor(Math.sqrt(MAX_COMPARISONS)), () => '__typename')} }`,
      `{ ${times(MAX_ALIASES, (i) => `a${i}: tags { totalCount }`)} }`,
    ];
    for (const query of passing) {
      expect(errorsOf(query)).toEqual([]);
      expect(measureDocument(parse(query)).steps).toBeLessThan(2 * MAX_COMPARISONS);
    }
  });

  test('thousands of faults are not all told, nor are their lines looked for one by one', () => {
    const errors = errorsOf(
      `${'\n'.repeat(90_000)}query (${times(90, () => '$a: Int')}) { ${times(900, (i) => `u${i}`)} }`,
    );
    expect(errors.length).toBeLessThanOrEqual(21);
    // graphql-js counted no lines: it saw one only.
    expect(errors[0]?.locations?.[0]?.line).toBe(1);
  });
});

describe('what people send passes', () => {
  const documents = Object.entries(clientDocuments as Record<string, unknown>)
    .filter(([name]) => name.endsWith('Document'))
    .map(([name, document]) => [name, print(document as DocumentNode)] as const);

  test.each(documents)("the page's %s", (_name, query) => {
    expect(errorsOf(query).filter(({ extensions }) => extensions['code'] !== 'BAD_USER_INPUT')).toEqual(
      query.startsWith('subscription')
        ? [expect.objectContaining({ extensions: { code: 'BAD_REQUEST' } })]
        : [],
    );
  });

  test('the introspection of the playground and the usual tools', () => {
    const query = getIntrospectionQuery({
      descriptions: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    });
    expect(errorsOf(query)).toEqual([]);
  });
});

describe('limits', () => {
  const sdl = buildSchema('type Query { a: Query, list(first: Int = 1): [Query!], leaf: Int }');
  const prepareOther = operationGate({ schema: sdl, introspection: true });
  const errors = (query: string) => {
    const prepared = prepareOther({ query, transport: 'http' });
    return prepared.ok ? [] : prepared.errors;
  };
  const nested = (depth: number): string => '{ '.concat('a { '.repeat(depth - 1), 'leaf', ' }'.repeat(depth));

  test('depth', () => {
    expect(errors(nested(MAX_DEPTH))).toEqual([]);
    expect(errors(nested(MAX_DEPTH + 1))[0]?.extensions).toEqual({
      code: 'QUERY_TOO_COMPLEX',
      details: { what: 'depth', limit: MAX_DEPTH, actual: MAX_DEPTH + 1 },
    });
  });

  test('aliases, also in fragments', () => {
    const aliases = (count: number) => times(count, (i) => `x${i}: leaf`);
    expect(errors(`{ ${aliases(MAX_ALIASES)} }`)).toEqual([]);
    expect(
      errors(`{ ...F leaf } fragment F on Query { ${aliases(MAX_ALIASES + 1)} }`)[0]?.extensions['code'],
    ).toBe('QUERY_TOO_COMPLEX');
  });
});

test('every root field of queries and mutations is nullable', () => {
  const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
    Object.values(type?.getFields() ?? {}),
  );
  expect(fields.length).toBeGreaterThan(15);
  expect(fields.filter(({ type }) => isNonNullType(type)).map(({ name }) => name)).toEqual([]);
});

test('every mutation answers with a payload of its own, which can grow', () => {
  const fields = Object.values(schema.getMutationType()?.getFields() ?? {});
  expect(fields.length).toBeGreaterThan(10);
  expect(fields.map(({ type }) => String(type))).toEqual(
    fields.map(({ name }) => `${name.charAt(0).toUpperCase()}${name.slice(1)}Payload`),
  );
  expect(fields.every(({ type }) => isObjectType(type))).toBe(true);
});

describe('introspection off', () => {
  const closed = operationGate({ schema, introspection: false });

  test.each(['{ __schema { queryType { name } } }', '{ __type(name: "Query") { name } }'])('%s', (query) => {
    const prepared = closed({ query, transport: 'websocket' });
    if (prepared.ok) throw new Error('Expected a refusal');
    expect(prepared.errors[0].extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  test('the names of types stay', () => {
    expect(closed({ query: '{ __typename }', transport: 'websocket' }).ok).toBe(true);
  });
});
