import {
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { assertFlat } from './flat-parts.js';
import * as limits from './limits.js';
import { tooComplex } from './limits.js';

/** Measures of a selection, with its fragments expanded. */
interface Measure {
  /** Levels of fields, without introspection: graphql-js has its own rule for that. */
  readonly depth: number;
  readonly aliases: number;
  /** Every selection counts: fields, spreads and inline fragments. */
  readonly fields: number;
  /** Its cost if it stands below `__schema` or `__type`. */
  readonly introspection: number;
  /** Cost of the introspection in it. */
  readonly introspected: number;
}

const NOTHING: Measure = { depth: 0, aliases: 0, fields: 0, introspection: 0, introspected: 0 };

/** Average lengths of introspection's lists over this schema, rounded; the others average less than one. */
const INTROSPECTION_LISTS: Readonly<Record<string, number>> = { types: 60, fields: 5, directives: 5 };

/** Groups and pairs visited so far; a document that takes too many is refused. */
interface Budget {
  steps: number;
}

export interface DocumentMeasure {
  /** A fragment contains itself; validation reports where. Later steps would not terminate. */
  readonly cyclic: boolean;
  /** Selections visited, as a measure of the work. */
  readonly steps: number;
}

/**
 * Counts what makes graphql-js's validation and the execution slow, before either begins. Each fragment is measured
 * once, so the work grows with the tokens of the document, not with its expanded size.
 * @throws GraphQLError QUERY_TOO_COMPLEX at the first limit that is exceeded
 */
export function measureDocument(document: DocumentNode): DocumentMeasure {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  assertWithin('operations', limits.MAX_OPERATIONS, operations.length);
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const definitions = document.definitions.filter((node) => 'selectionSet' in node);
  assertWithin('fragments', limits.MAX_FRAGMENTS, definitions.length - operations.length);
  assertFlat(document);

  const meter = new Meter(fragments);
  for (const { kind, selectionSet } of definitions) {
    const measure = meter.measure(selectionSet);
    assertWithin('fields', limits.MAX_FIELDS, measure.fields);
    if (kind !== Kind.OPERATION_DEFINITION) continue; // fragments are counted where they are used
    assertWithin('depth', limits.MAX_DEPTH, measure.depth);
    assertWithin('aliases', limits.MAX_ALIASES, measure.aliases);
    assertWithin('cost of introspection', limits.MAX_INTROSPECTION_COST, measure.introspected);
  }
  if (meter.cyclic) return { cyclic: true, steps: meter.steps };
  const budget = { steps: 0 };
  for (const { selectionSet } of definitions) comparePairs([selectionSet], fragments, budget);
  return { cyclic: false, steps: meter.steps + budget.steps };
}

function assertWithin(what: string, limit: number, actual: number): void {
  if (actual > limit) throw tooComplex(what, limit, actual) satisfies GraphQLError;
}

/** Adds up selections, each fragment once. */
class Meter {
  steps = 0;
  cyclic = false;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #known = new Map<string, Measure>();
  readonly #underWay = new Set<string>();

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#fragments = fragments;
  }

  measure(selection: SelectionSetNode | undefined): Measure {
    let { depth, aliases, fields, introspection, introspected } = NOTHING;
    for (const node of selection?.selections ?? []) {
      this.steps += 1;
      const inner =
        node.kind === Kind.FRAGMENT_SPREAD
          ? this.#fragment(node.name.value)
          : this.measure(node.selectionSet);
      const own = node.kind === Kind.FIELD ? this.#field(node, inner) : inner;
      depth = Math.max(depth, own.depth);
      aliases += own.aliases;
      fields += inner.fields + 1;
      introspection += own.introspection;
      introspected += own.introspected;
    }
    return { depth, aliases, fields, introspection, introspected };
  }

  #field({ name: { value: name }, alias }: FieldNode, inner: Measure): Omit<Measure, 'fields'> {
    const introspection = (INTROSPECTION_LISTS[name] ?? 1) * (1 + inner.introspection);
    const isRoot = name === '__schema' || name === '__type';
    return {
      depth: isRoot ? 0 : inner.depth + 1,
      aliases: inner.aliases + (alias === undefined ? 0 : 1),
      introspection,
      introspected: isRoot ? introspection : inner.introspected,
    };
  }

  #fragment(name: string): Measure {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (this.#underWay.has(name)) {
      this.cyclic = true;
      return NOTHING;
    }
    this.#underWay.add(name);
    const measured = this.measure(this.#fragments.get(name)?.selectionSet);
    this.#underWay.delete(name);
    this.#known.set(name, measured);
    return measured;
  }
}

/**
 * Walks the selections as they are merged for the response, and counts the pairs of fields with the same response name
 * in the same place: graphql-js compares every pair. For documents within MAX_FIELDS and without cycles only.
 * @throws GraphQLError QUERY_TOO_COMPLEX
 */
function comparePairs(
  sets: readonly SelectionSetNode[],
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  budget: Budget,
): void {
  const groups = new Map<string, SelectionSetNode[]>();
  const sizes = new Map<string, number>();
  const collect = (node: SelectionNode): void => {
    if (node.kind !== Kind.FIELD) {
      const set =
        node.kind === Kind.INLINE_FRAGMENT ? node.selectionSet : fragments.get(node.name.value)?.selectionSet;
      set?.selections.forEach(collect);
      return;
    }
    const name = (node.alias ?? node.name).value;
    const size = (sizes.get(name) ?? 0) + 1;
    sizes.set(name, size);
    budget.steps += size; // the pairs it makes with those before it
    if (node.selectionSet) groups.set(name, [...(groups.get(name) ?? []), node.selectionSet]);
    assertWithin('comparisons of fields', limits.MAX_COMPARISONS, budget.steps);
  };
  for (const set of sets) set.selections.forEach(collect);
  for (const group of groups.values()) comparePairs(group, fragments, budget);
}
