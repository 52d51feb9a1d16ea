import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';

interface Definition {
  readonly name: string;
  readonly description: string;
}

const define = (
  name: string,
  { description }: { readonly description?: string | null | undefined },
): Definition => ({
  name,
  description: description ?? '',
});

/** A type, and what is defined in it: fields, arguments, enum values, input fields. */
function definitionsOf(type: GraphQLNamedType): Definition[] {
  const own = define(type.name, type);
  if (isEnumType(type)) {
    return [own, ...type.getValues().map((value) => define(`${type.name}.${value.name}`, value))];
  }
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    return [own, ...fields.map((field) => define(`${type.name}.${field.name}`, field))];
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return [own];
  const fields = Object.values(type.getFields()).flatMap((field) => {
    const name = `${type.name}.${field.name}`;
    return [define(name, field), ...field.args.map((arg) => define(`${name}(${arg.name}:)`, arg))];
  });
  return [own, ...fields];
}

const allDefinitions = (schema: GraphQLSchema): Definition[] =>
  Object.values(schema.getTypeMap())
    .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
    .flatMap(definitionsOf);

const undescribed = (definitions: Definition[]): string[] =>
  definitions.filter(({ description }) => description.trim() === '').map(({ name }) => name);

/** Descriptions that are no sentence: one begins with a capital letter or with code, and ends with a full stop. */
const unfinished = (definitions: Definition[]): string[] =>
  definitions
    .filter(({ description }) => description !== '' && !/^(\p{Lu}|`)[^]*\.$/u.test(description))
    .map(({ name, description }) => `${name}: ${description}`);

const definitions = allDefinitions(
  buildSchema(readFileSync(join(import.meta.dirname, '..', '..', 'schema.graphql'), 'utf8')),
);

describe('the descriptions of the schema', () => {
  test('every type, field, argument and enum value has one', () => {
    expect(definitions.length).toBeGreaterThan(400);
    expect(undescribed(definitions)).toEqual([]);
  });

  test('each begins with a capital letter or code and ends with a full stop', () => {
    expect(unfinished(definitions)).toEqual([]);
  });

  test('a definition of each kind without one is noticed', () => {
    const bare = buildSchema(`
      type Query { field(arg: Input): Kind }
      input Input { value: Scalar }
      enum Kind { ONE }
      interface Named { name: String }
      scalar Scalar
    `);
    expect(undescribed(allDefinitions(bare)).sort()).toEqual([
      'Input',
      'Input.value',
      'Kind',
      'Kind.ONE',
      'Named',
      'Named.name',
      'Query',
      'Query.field',
      'Query.field(arg:)',
      'Scalar',
    ]);
  });

  test.each([
    ['lower case.', false],
    ['No full stop', false],
    ['0 to 1.', false],
    ['A sentence.', true],
    ['`code` first.', true],
  ])('%j is a sentence: %s', (description, isSentence) => {
    expect(unfinished([{ name: 'x', description }])).toHaveLength(isSentence ? 0 : 1);
  });
});
