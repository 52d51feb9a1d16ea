import {
  getNamedType,
  GraphQLError,
  isInputObjectType,
  Kind,
  ValuesOfCorrectTypeRule,
  type ASTVisitor,
  type ValidationContext,
} from 'graphql';
import { expected } from './coerce-variables.js';

/** graphql-js's rule on literals, with messages that do not quote them. */
export function literalValues(context: ValidationContext): ASTVisitor {
  const quiet = Object.create(context, {
    reportError: { value: (error: GraphQLError) => context.reportError(withoutValue(context, error)) },
  }) as ValidationContext;
  return ValuesOfCorrectTypeRule(quiet);
}

function withoutValue(context: ValidationContext, error: GraphQLError): GraphQLError {
  const node = error.nodes?.[0];
  const type = context.getInputType();
  // For an unknown or missing field, graphql-js's message contains only names of the schema and the document.
  const isAboutFields = node?.kind === Kind.OBJECT && isInputObjectType(getNamedType(type));
  if (isAboutFields || node?.kind === Kind.OBJECT_FIELD) return error;
  const argument = context.getArgument()?.name ?? 'this value';
  const rule = type ? expected(type) : 'a value of the declared type';
  return new GraphQLError(`Expected ${rule} for ${argument}`, { ...(error.nodes && { nodes: error.nodes }) });
}
