import { createRequire } from 'node:module';
import {
  GraphQLError,
  Kind,
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';
import type * as Complexity from 'graphql-query-complexity';

// The package's ES module build loads graphql's own ES modules, a second copy whose schemas it does not know.
const { fieldExtensionsEstimator, getComplexity, simpleEstimator } = createRequire(import.meta.url)(
  'graphql-query-complexity',
) as typeof Complexity;

export const MAX_DEPTH = 12;
export const MAX_ALIASES = 30;
/** Fields after fragments are expanded. */
export const MAX_FIELDS = 1000;
export const MAX_COST = 100_000;
/** Lexical tokens of a document, checked while it is parsed. */
export const MAX_TOKENS = 5000;
/** Running the model on a picture, and drawing what it says of the patches. */
export const PATCH_MAP_COST = 150;
/** Explaining one match: dear enough that a page of matches can be explained, and not all there are. */
export const EXPLANATION_COST = 3000;
export const MAX_PAGE_SIZE = 500;
export const MAX_BATCH = 64;

function tooComplex(what: string, limit: number, actual: number): GraphQLError {
  return new GraphQLError(`The operation is too complex: ${what} ${actual}, limit ${limit}.`, {
    extensions: { code: 'QUERY_TOO_COMPLEX', details: { what, limit, actual } },
  });
}

interface Measure {
  readonly depth: number;
  readonly aliases: number;
  readonly fields: number;
}

/**
 * Depth, aliases and fields of every operation with its fragments expanded, each fragment measured once (so that
 * fragments that use each other twice do not make the check itself exponential). Introspection is not counted.
 */
export function operationLimits(context: ValidationContext): ASTVisitor {
  const fragments = new Map<string, Measure>();
  const underWay = new Set<string>();

  const measureFragment = (fragment: FragmentDefinitionNode | null | undefined): Measure => {
    const name = fragment?.name.value;
    if (!fragment || name === undefined || underWay.has(name)) return { depth: 0, aliases: 0, fields: 0 };
    const known = fragments.get(name);
    if (known !== undefined) return known;
    underWay.add(name);
    const measured = measureSelection(fragment.selectionSet);
    underWay.delete(name);
    fragments.set(name, measured);
    return measured;
  };

  const measureSelection = (selection: SelectionSetNode | undefined): Measure => {
    let [depth, aliases, fields] = [0, 0, 0];
    for (const node of selection?.selections ?? []) {
      if (node.kind === Kind.FIELD && node.name.value.startsWith('__')) continue;
      const inner =
        node.kind === Kind.FRAGMENT_SPREAD
          ? measureFragment(context.getFragment(node.name.value))
          : measureSelection(node.selectionSet);
      const own = node.kind === Kind.FIELD ? 1 : 0;
      depth = Math.max(depth, inner.depth + own);
      aliases += inner.aliases + (node.kind === Kind.FIELD && node.alias ? 1 : 0);
      fields += inner.fields + own;
    }
    return { depth, aliases, fields };
  };

  return {
    OperationDefinition(node) {
      const { depth, aliases, fields } = measureSelection(node.selectionSet);
      if (depth > MAX_DEPTH) context.reportError(tooComplex('depth', MAX_DEPTH, depth));
      if (aliases > MAX_ALIASES) context.reportError(tooComplex('aliases', MAX_ALIASES, aliases));
      if (fields > MAX_FIELDS) context.reportError(tooComplex('fields', MAX_FIELDS, fields));
    },
  };
}

/** Cost of an operation with its variables. @throws GraphQLError QUERY_TOO_COMPLEX */
export function assertAffordable(
  schema: GraphQLSchema,
  query: DocumentNode,
  operationName: string | null | undefined,
  variables: Record<string, unknown>,
): void {
  let cost: number;
  try {
    cost = getComplexity({
      schema,
      query,
      variables,
      ...(operationName ? { operationName } : {}),
      estimators: [fieldExtensionsEstimator(), simpleEstimator({ defaultComplexity: 1 })],
    });
  } catch (error) {
    if (error instanceof GraphQLError) return; // variables that do not fit their types: execution says so
    throw error;
  }
  if (cost > MAX_COST) throw tooComplex('cost', MAX_COST, cost);
}

/** Cost of a list field: its own work, and its children once for each item asked for. */
export const listCost =
  (own: number, size: (args: Record<string, unknown>) => number) =>
  ({ args, childComplexity }: { args: Record<string, unknown>; childComplexity: number }): number =>
    own + Math.max(1, size(args)) * childComplexity;
