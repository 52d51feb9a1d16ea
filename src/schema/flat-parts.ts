import { Kind, type ASTNode, type DocumentNode, type TypeNode, type ValueNode } from 'graphql';
import { MAX_ARGUMENTS, MAX_DIRECTIVES, MAX_VALUE_DEPTH, MAX_VARIABLES, tooComplex } from './limits.js';

/**
 * Limits what is not a selection: variables, arguments, directives and literals. The token limit bounds their total;
 * this bounds how many stand in one place and how deep a literal or a type is nested.
 * @throws GraphQLError QUERY_TOO_COMPLEX
 */
export function assertFlat(document: DocumentNode): void {
  let directives = 0;
  const visit = (node: ASTNode): void => {
    if ('directives' in node) directives += node.directives?.length ?? 0;
    if (directives > MAX_DIRECTIVES) throw tooComplex('directives', MAX_DIRECTIVES, directives);
    switch (node.kind) {
      case Kind.OPERATION_DEFINITION: {
        const variables = node.variableDefinitions ?? [];
        if (variables.length > MAX_VARIABLES) throw tooComplex('variables', MAX_VARIABLES, variables.length);
        variables.forEach(visit);
        break;
      }
      case Kind.VARIABLE_DEFINITION:
        assertTypeDepth(node.type);
        if (node.defaultValue) assertValueDepth(node.defaultValue, 1);
        break;
      case Kind.FIELD:
      case Kind.DIRECTIVE: {
        const given = node.arguments ?? [];
        if (given.length > MAX_ARGUMENTS) throw tooComplex('arguments', MAX_ARGUMENTS, given.length);
        for (const { value } of given) assertValueDepth(value, 1);
        break;
      }
      default:
    }
    if ('directives' in node) node.directives?.forEach(visit);
    if ('selectionSet' in node) node.selectionSet?.selections.forEach(visit);
  };
  document.definitions.forEach(visit);
}

function assertValueDepth(value: ValueNode, depth: number): void {
  if (depth > MAX_VALUE_DEPTH) throw tooComplex('depth of a value', MAX_VALUE_DEPTH, depth);
  if (value.kind === Kind.LIST) for (const item of value.values) assertValueDepth(item, depth + 1);
  if (value.kind === Kind.OBJECT) for (const field of value.fields) assertValueDepth(field.value, depth + 1);
}

function assertTypeDepth(type: TypeNode): void {
  let depth = 1;
  for (let inner = type; inner.kind !== Kind.NAMED_TYPE; inner = inner.type) depth += 1;
  if (depth > MAX_VALUE_DEPTH) throw tooComplex('depth of a type', MAX_VALUE_DEPTH, depth);
}
