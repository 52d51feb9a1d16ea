import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { buildSchema, getNamedType, isObjectType } from 'graphql';

const SCHEMA = readFileSync('schema.graphql', 'utf8');

/** @returns the rules that each schema breaks */
function lint(schemas: readonly string[]): string[][] {
  const script = fileURLToPath(new URL('../helpers/lint-schema.mjs', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [script], {
    input: JSON.stringify(schemas),
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as string[][];
}

const CASES: readonly (readonly [name: string, from: string, to: string, broken: string[]])[] = [
  ['the schema as it is', '', '', []],
  ['a field that is not described', '"""As `#rrggbb` in sRGB."""', '', ['require-description']],
  ['a field in another style', 'gallerySize: Int!', 'gallery_size: Int!', ['naming-convention']],
  ['a value of an enum in small letters', '  COMPUTING\n', '  computing\n', ['naming-convention']],
  ['a query named after itself', '  atlas: Atlas\n', '  getAtlas: Atlas\n', ['naming-convention']],
  [
    'a connection without a page to go back to',
    'hasPreviousPage: Boolean!',
    'hasBefore: Boolean!',
    ['relay-page-info'],
  ],
  [
    'edges that are none',
    'edges: [JobEdge!]!',
    'edges: [Job!]!',
    ['no-unreachable-types', 'relay-edge-types'],
  ],
  ['a list that can only be read forwards', 'before: String', 'until: String', ['relay-arguments']],
  [
    'a type that nothing leads to',
    'scalar Upload\n',
    'scalar Upload\n\n"""Nobody answers with it."""\nscalar Lost\n',
    ['no-unreachable-types'],
  ],
];

const answers = lint(CASES.map(([, from, to]) => SCHEMA.replace(from, to)));

describe('the rules of schema.graphql', () => {
  test.each(CASES.map(([name, from, , broken], i) => ({ name, from, broken, said: answers[i] })))(
    '$name',
    ({ from, broken, said }) => {
      expect(SCHEMA).toContain(from);
      expect(said?.toSorted()).toEqual(broken);
    },
  );

  test('every edge but that of a tag leads to a Node', () => {
    const schema = buildSchema(SCHEMA);
    const without = Object.values(schema.getTypeMap()).filter((type) => {
      if (!isObjectType(type) || !type.name.endsWith('Edge')) return false;
      const node = getNamedType(type.getFields()['node']?.type);
      return !isObjectType(node) || !node.getInterfaces().some(({ name }) => name === 'Node');
    });
    expect(without.map(({ name }) => name)).toEqual(['TagCountEdge']);
  });
});
