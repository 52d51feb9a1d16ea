import eslint from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import { importRules } from './scripts/lib/import-rules.mjs';
import { testRules } from './scripts/lib/test-rules.mjs';

const NODE_GLOBALS = [
  'AbortController', 'AbortSignal', 'Blob', 'Buffer', 'FormData', 'Headers', 'Request', 'Response', 'TextDecoder',
  'TextEncoder', 'URL', 'URLSearchParams', 'WebSocket', 'clearImmediate', 'clearInterval', 'clearTimeout', 'console',
  'crypto', 'fetch', 'performance', 'process', 'queueMicrotask', 'setImmediate', 'setInterval', 'setTimeout',
  'structuredClone',
]; // prettier-ignore

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'build/',
      'coverage/',
      'data/',
      'media/',
      'tmp/',
      'index/',
      'models/',
      'sample-gallery/',
      'client-sample/dist/',
      'client-sample/dist.new/',
      'client-sample/*.ts', // the tools' own settings, without a project of their own
      'client-sample/src/gql/',
      'src/services/catalog/generated/',
    ],
  },
  eslint.configs.recommended,
  {
    languageOptions: { globals: Object.fromEntries(NODE_GLOBALS.map((name) => [name, 'readonly'])) },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
      'no-empty': ['error', { allowEmptyCatch: true }],
      // Prettier decides where a line may begin with a bracket.
      'no-unexpected-multiline': 'off',
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: { require: 'readonly', module: 'writable' } },
  },
  {
    files: ['**/*.ts'],
    ignores: ['client-sample/**'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // `void` hides that nobody catches: one rejection then ends the process.
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // The compiler says the same, and says it about parameters too.
      '@typescript-eslint/no-unused-vars': 'off',
      // An interface may ask for a promise where one implementation has nothing to await.
      '@typescript-eslint/require-await': 'off',
      // `null as unknown as T` and the like are told by review; `${number}` is not a mistake.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
    },
  },
  {
    // What grows beyond this has more than one concern.
    files: ['src/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: false, skipComments: false }],
    },
  },
  {
    files: ['tests/**/*.ts', 'bench/**/*.ts'],
    rules: {
      // JSON that a test asks the server for is `any`; what it holds is what the test asserts.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['client-sample/**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { 'react-hooks': reactHooks },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      '@typescript-eslint/unbound-method': 'off',
      // It stands on its own: an example to copy knows the server by its schema only.
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(\\.\\./)+(src/(?!gql$)|dist|tests|scripts/lib/)',
              message:
                'ARCHITECTURE.md, import rule 8: client-sample/ sees only schema.graphql, nothing of the server.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['client-sample/tests/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(\\.\\./){2,}',
              message:
                'ARCHITECTURE.md, import rule 8: client-sample/ sees only schema.graphql, nothing of the server.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['client-sample/public/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        ['addEventListener', 'document', 'localStorage', 'matchMedia', 'navigator'].map((name) => [
          name,
          'readonly',
        ]),
      ),
    },
  },
  ...importRules,
  ...testRules,
);
