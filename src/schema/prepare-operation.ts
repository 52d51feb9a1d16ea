import {
  getOperationAST,
  GraphQLError,
  Kind,
  NoFragmentCyclesRule,
  NoSchemaIntrospectionCustomRule,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
  ValuesOfCorrectTypeRule,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type ValidationRule,
} from 'graphql';
import { messageOf } from '../errors.js';
import { assertOperationText } from './check-text.js';
import { faultsOfVariables } from './coerce-variables.js';
import { DocumentCache } from './document-cache.js';
import { DocumentSource } from './document-source.js';
import { assertAffordable, MAX_CHARACTERS, MAX_TOKENS, tooComplex } from './limits.js';
import { literalValues } from './literal-values.js';
import { measureDocument } from './measure-document.js';

/** Maximum number of faults reported for one document. */
const MAX_ERRORS = 20;

export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly transport: 'http' | 'websocket';
}

export type Prepared =
  | {
      readonly ok: true;
      readonly document: DocumentNode;
      readonly operation: OperationDefinitionNode;
    }
  | { readonly ok: false; readonly errors: readonly [GraphQLError, ...GraphQLError[]] };

/** Decides whether an operation may be executed. Never throws. */
export type PrepareOperation = (request: OperationRequest) => Prepared;

/** The one way into the schema, for every transport. */
export function operationGate(options: {
  readonly schema: GraphQLSchema;
  /** INTROSPECTION */
  readonly introspection: boolean;
}): PrepareOperation {
  const { schema, introspection } = options;
  const rules: readonly ValidationRule[] = [
    ...(introspection ? [] : [NoSchemaIntrospectionCustomRule]),
    ...specifiedRules.map((rule) => (rule === ValuesOfCorrectTypeRule ? literalValues : rule)),
  ];
  const valid = new DocumentCache();

  /** @throws GraphQLError, AggregateError of them */
  const readDocument = (query: string): DocumentNode => {
    const known = valid.get(query);
    if (known !== undefined) return known;
    const document = parseDocument(query);
    // The cheapest checks come first: what they refuse never reaches graphql-js's rules.
    const { cyclic } = measureDocument(document);
    const errors = validate(schema, document, cyclic ? [NoFragmentCyclesRule] : rules, {
      maxErrors: MAX_ERRORS,
    });
    if (errors.length > 0)
      throw new AggregateError(errors.map((error) => coded(error, 'GRAPHQL_VALIDATION_FAILED')));
    valid.put(query, document);
    return document;
  };

  return ({ query, operationName, variables, transport }) => {
    try {
      const document = readDocument(query);
      const operation = chooseOperation(document, operationName, transport);
      assertOperationText(document, variables);
      const faults = faultsOfVariables(schema, operation, variables ?? {});
      if (faults.length > 0) throw new AggregateError(faults);
      assertAffordable(schema, document, operation.name?.value, { ...variables });
      return { ok: true, document, operation };
    } catch (error) {
      const [first, ...others] = (error instanceof AggregateError ? error.errors : [error]).map(
        asGraphQLError,
      );
      return { ok: false, errors: [first as GraphQLError, ...others] };
    }
  };
}

/** @throws GraphQLError GRAPHQL_PARSE_FAILED, QUERY_TOO_COMPLEX */
function parseDocument(query: string): DocumentNode {
  if (query.length > MAX_CHARACTERS) throw tooComplex('characters', MAX_CHARACTERS, query.length);
  const source = new DocumentSource(query);
  try {
    return parse(source, { maxTokens: MAX_TOKENS });
  } catch (error) {
    source.forget();
    // The parser is recursive, and the limit of tokens allows more levels than the stack does.
    if (error instanceof RangeError) throw nestedTooDeep();
    if (!(error instanceof GraphQLError)) throw error;
    // graphql-js quotes a misplaced string, which may be a secret.
    const isString = query[error.positions?.[0] ?? -1] === '"';
    throw coded(error, 'GRAPHQL_PARSE_FAILED', isString ? 'Syntax Error: Unexpected string.' : error.message);
  } finally {
    source.forget();
  }
}

const nestedTooDeep = (): GraphQLError =>
  new GraphQLError('Syntax Error: The document is nested too deep.', {
    extensions: { code: 'GRAPHQL_PARSE_FAILED' },
  });

/** @throws GraphQLError OPERATION_RESOLUTION_FAILURE, BAD_REQUEST */
function chooseOperation(
  document: DocumentNode,
  operationName: string | null | undefined,
  transport: OperationRequest['transport'],
): OperationDefinitionNode {
  const operation = getOperationAST(document, operationName);
  if (!operation) {
    const several = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length > 1;
    throw new GraphQLError(
      operationName == null
        ? `Expected ${several ? 'an operationName, because the document has several operations' : 'an operation in the document'}.`
        : 'Expected operationName to be the name of an operation of the document.',
      { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } },
    );
  }
  if (transport === 'http' && operation.operation === OperationTypeNode.SUBSCRIPTION) {
    throw new GraphQLError(
      'Subscriptions use WebSocket (protocol graphql-transport-ws) on this same path, not HTTP.',
      { extensions: { code: 'BAD_REQUEST' } },
    );
  }
  return operation;
}

function coded(error: GraphQLError, code: string, message = error.message): GraphQLError {
  const { nodes, source, positions, extensions } = error;
  return new GraphQLError(message, {
    ...(nodes && { nodes }),
    ...(source && { source }),
    ...(positions && { positions }),
    extensions: { code, ...extensions },
  });
}

function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  return new GraphQLError(messageOf(error), { originalError: error instanceof Error ? error : null });
}
