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

/** The most faults that are reported for one request. */
const MAX_FAULTS = 20;
const NAME = /^[_A-Za-z]\w{0,63}$/;

export function badInput(path: string, rule: string): GraphQLError {
  return new GraphQLError(`Expected ${rule} for ${path}`, {
    extensions: { code: 'BAD_USER_INPUT', details: { path, rule } },
  });
}

/** In our words, what graphql-js says of a null that a variable brought to where only its default could have gone; null for any other error. */
export function nullOfVariable({ nodes }: GraphQLError): GraphQLError | null {
  const node = nodes?.[0];
  return node?.kind === Kind.VARIABLE ? badInput(node.name.value, 'a value that is not null') : null;
}

/**
 * What is wrong with the variables of an operation, by path and rule and without the values. graphql-js finds the same,
 * but tells it in sentences that quote what was sent.
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
    if (isFull() || !isInputType(type)) continue; // validation has refused what is no input type
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
    // One value stands for a list of it, as GraphQL has it.
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
    // A name that no schema could have is itself a value of the client's.
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

/** What would be right, in the words of the schema. */
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
