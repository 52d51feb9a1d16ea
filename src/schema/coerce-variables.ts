import {
  GraphQLError,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  Kind,
  typeFromAST,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLLeafType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';

/** Maximum number of faults reported for one request. */
const MAX_FAULTS = 20;
const NAME = /^[_A-Za-z]\w{0,63}$/;

export function badInput(path: string, rule: string): GraphQLError {
  return new GraphQLError(`Expected ${rule} for ${path}`, {
    extensions: { code: 'BAD_USER_INPUT', details: { path, rule } },
  });
}

/** Our error for a null variable where only its default is accepted, instead of graphql-js's. Null for any other error. */
export function nullOfVariable({ nodes }: GraphQLError): GraphQLError | null {
  const node = nodes?.[0];
  return node?.kind === Kind.VARIABLE ? badInput(node.name.value, 'a value that is not null') : null;
}

/**
 * What is wrong with the variables of an operation: paths and rules, without values. graphql-js finds the same faults,
 * but its messages quote what was sent.
 */
export function faultsOfVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): GraphQLError[] {
  const faults: GraphQLError[] = [];
  const report = (path: string, rule: string): void => void faults.push(badInput(path, rule));
  const isFull = (): boolean => faults.length >= MAX_FAULTS;
  for (const { variable, type: typeNode, defaultValue } of operation.variableDefinitions ?? []) {
    const type = typeFromAST(schema, typeNode);
    if (isFull() || !isInputType(type)) continue; // validation has already refused other types
    const name = variable.name.value;
    const given = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (given !== undefined) walk(type, given, name, report, isFull);
    else if (isNonNullType(type) && defaultValue === undefined) report(name, expected(type.ofType));
  }
  return faults;
}

type Report = (path: string, rule: string) => void;

function walk(
  type: GraphQLInputType,
  value: unknown,
  path: string,
  report: Report,
  isFull: () => boolean,
): void {
  if (isNonNullType(type)) {
    if (value === null || value === undefined) report(path, expected(type.ofType));
    else walk(type.ofType, value, path, report, isFull);
    return;
  }
  if (value === null || value === undefined) return;
  if (isListType(type)) {
    // GraphQL coerces a single value to a list of one.
    if (!Array.isArray(value)) return walk(type.ofType, value, path, report, isFull);
    for (let i = 0; i < value.length && !isFull(); i++)
      walk(type.ofType, value[i], `${path}[${i}]`, report, isFull);
    return;
  }
  if (isInputObjectType(type)) return walkObject(type, value, path, report, isFull);
  if (!passes(type, value)) report(path, expected(type));
}

function walkObject(
  type: GraphQLInputObjectType,
  value: unknown,
  path: string,
  report: Report,
  isFull: () => boolean,
): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return report(path, expected(type));
  const fields = type.getFields();
  for (const [name, field] of Object.entries(fields)) {
    if (isFull()) return;
    const given = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    if (given !== undefined) walk(field.type, given, `${path}.${name}`, report, isFull);
    else if (isNonNullType(field.type) && field.defaultValue === undefined)
      report(`${path}.${name}`, expected(field.type.ofType));
  }
  for (const name of Object.keys(value)) {
    if (isFull()) return;
    // What is no GraphQL name may be any text of the client's: it is not repeated.
    if (!Object.hasOwn(fields, name)) report(NAME.test(name) ? `${path}.${name}` : path, fieldsOf(type));
  }
}

function passes(type: GraphQLLeafType, value: unknown): boolean {
  try {
    return type.parseValue(value) !== undefined;
  } catch {
    return false;
  }
}

const fieldsOf = (type: GraphQLInputObjectType): string =>
  `only the fields of ${type.name} (${Object.keys(type.getFields()).sort().join(', ')})`;

/** Describes the expected value in terms of the schema. */
export function expected(type: GraphQLInputType): string {
  if (isNonNullType(type)) return expected(type.ofType);
  if (isListType(type)) return `a list of type [${String(type.ofType)}]`;
  if (isEnumType(type)) {
    const names = type.getValues().map(({ name }) => name);
    return `one of ${names.join(', ')}`;
  }
  if (isInputObjectType(type)) return `an object of type ${type.name}`;
  if (type.name === 'Upload')
    return 'a file of a multipart request (GraphQL multipart request specification)';
  return `a value of type ${type.name}`;
}
