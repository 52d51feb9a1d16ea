import { GraphQLError, type DocumentNode, type GraphQLSchema } from 'graphql';
// The package's ES modules load graphql's own, a second copy whose schemas they do not know.
import complexity from 'graphql-query-complexity/cjs';
import { check } from '../lib/check.js';
import { nullOfVariable } from './coerce-variables.js';

const { fieldExtensionsEstimator, getComplexity, simpleEstimator } = complexity;

export const MAX_DEPTH = 12;
export const MAX_ALIASES = 30;
/** Selections of an operation or a fragment, with fragments expanded: fields, spreads, inline fragments. */
export const MAX_FIELDS = 1000;
/** Pairs of fields with the same response name in the same place, per document; validation compares each pair. */
export const MAX_COMPARISONS = 10_000;
export const MAX_COST = 100_000;
/** Half as much again as the introspection query of the usual tools. */
export const MAX_INTROSPECTION_COST = 40_000;
/** Lexical tokens of a document, checked while it is parsed. */
export const MAX_TOKENS = 5000;
/** Characters of a document: spaces, comments and long strings add no tokens. */
export const MAX_CHARACTERS = 100_000;
export const MAX_OPERATIONS = 20;
export const MAX_FRAGMENTS = 50;
/** Per operation. */
export const MAX_VARIABLES = 100;
/** Per field or directive. */
export const MAX_ARGUMENTS = 30;
/** Per document. */
export const MAX_DIRECTIVES = 200;
/** Nesting of lists and objects in a literal, and of lists in a type. */
export const MAX_VALUE_DEPTH = 10;
/** Running the model on a picture and drawing its patches. */
export const PATCH_MAP_COST = 150;
/** Explaining one match: low enough for a page of matches, too high for all matches of a search. */
export const EXPLANATION_COST = 3000;
export const MAX_PAGE_SIZE = 500;
export const MAX_BATCH = 64;

export function tooComplex(what: string, limit: number, actual: number): GraphQLError {
  return new GraphQLError(`The operation is too complex: ${what} ${actual}, limit ${limit}.`, {
    extensions: { code: 'QUERY_TOO_COMPLEX', details: { what, limit, actual } },
  });
}

/** Operations and variables of cached documents that were found affordable. */
const affordable = new WeakMap<DocumentNode, Set<string>>();
const MAX_REMEMBERED = 50;
const MAX_KEY_LENGTH = 500;

/** What a cost may depend on: numbers, booleans, nulls and the lengths of lists, never the content of strings. */
const costKey = (operationName: string | null | undefined, variables: Record<string, unknown>): string =>
  `${operationName ?? ''} ${JSON.stringify(variables, (_, value: unknown) => (typeof value === 'string' ? '' : value))}`;

/**
 * Checks the cost of an operation with its variables. An operation whose cost cannot be computed is refused.
 * @throws GraphQLError QUERY_TOO_COMPLEX; BAD_USER_INPUT for a null where the variable may be missing but not null
 */
export function assertAffordable(
  schema: GraphQLSchema,
  query: DocumentNode,
  operationName: string | null | undefined,
  variables: Record<string, unknown>,
): void {
  const known = affordable.get(query) ?? new Set();
  const key = costKey(operationName, variables);
  if (known.has(key)) return;
  const cost = costOf(schema, query, operationName, variables);
  if (!(cost <= MAX_COST)) throw tooComplex('cost', MAX_COST, cost);
  if (key.length <= MAX_KEY_LENGTH && known.size < MAX_REMEMBERED) affordable.set(query, known.add(key));
}

function costOf(
  schema: GraphQLSchema,
  query: DocumentNode,
  operationName: string | null | undefined,
  variables: Record<string, unknown>,
): number {
  try {
    return getComplexity({
      schema,
      query,
      variables,
      ...(operationName ? { operationName } : {}),
      estimators: [fieldExtensionsEstimator(), simpleEstimator({ defaultComplexity: 1 })],
    });
  } catch (error) {
    // Otherwise the fields beside it would be executed uncounted.
    throw (error instanceof GraphQLError && nullOfVariable(error)) || error;
  }
}

/** Cost of a list field: its own work, and its children once for each item asked for. */
export const listCost =
  (own: number, size: (args: Record<string, unknown>) => number) =>
  ({ args, childComplexity }: { args: Record<string, unknown>; childComplexity: number }): number =>
    own + Math.max(1, size(args)) * childComplexity;

/** @throws AppError BAD_USER_INPUT for a width out of range */
export function assertThumbnailWidth(width: number): void {
  check(Number.isInteger(width) && width >= 16 && width <= 4096, 'width', 'a whole number from 16 to 4096');
}
