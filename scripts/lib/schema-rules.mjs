/**
 * ESLint's settings for schema.graphql, apart from those for code: the rules of code would be run over it, too.
 * Recommended and Relay rules of @graphql-eslint; whatever is not held to has its reason here.
 */
import graphql from '@graphql-eslint/eslint-plugin';
import { ROOT } from './paths.mjs';

const rules = {
  ...graphql.configs['flat/schema-recommended'].rules,
  ...graphql.configs['flat/schema-relay'].rules,
};
const [severity, naming] = rules['@graphql-eslint/naming-convention'];
const { EnumValueDefinition: upperCase, ...otherNames } = naming;

export default [
  {
    files: ['schema.graphql'],
    plugins: { '@graphql-eslint': graphql },
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: 'schema.graphql', rootDir: ROOT } },
    },
    rules: {
      ...rules,
      '@graphql-eslint/require-description': [
        'error',
        {
          types: true,
          rootField: true,
          FieldDefinition: true,
          InputValueDefinition: true,
          EnumValueDefinition: true,
          DirectiveDefinition: true,
        },
      ],
      '@graphql-eslint/naming-convention': [
        severity,
        {
          ...otherNames,
          // fp16, int8 and hnsw are written so wherever people meet them: in model.json, on the command line, in papers.
          'EnumValueDefinition[parent.name.value!=/^(IndexMode|ModelPrecision)$/]': upperCase,
        },
      ],
      // Most types here are values (a colour, a point, a state): an id would name nothing. What has one is a Node, or
      // says in docs/decisions/0039 why not.
      '@graphql-eslint/strict-id-in-types': 'off',
      '@graphql-eslint/relay-edge-types': [
        'error',
        {
          withEdgeSuffix: true,
          // A tag is a value, and its edge the only one without a Node; a test holds the others to it.
          shouldImplementNode: false,
          // Lists that something bounds stay lists: docs/decisions/0040.
          listTypeCanWrapOnlyEdgeType: false,
        },
      ],
    },
  },
];
