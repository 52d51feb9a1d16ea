import { Kind, visit, type DocumentNode } from 'graphql';
import { AppError } from '../errors.js';
import { assertText } from '../lib/text.js';

/** No input type of the schema is nested so deep. */
const MAX_LEVELS = 32;

/**
 * Every text of an operation that a resolver may get: of the variables as they arrived, and of the document.
 * @throws AppError BAD_USER_INPUT that names the path of one that is not well-formed or has NUL in it
 */
export function assertOperationText(
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>> | null | undefined,
): void {
  visit(document, { [Kind.STRING]: ({ value }) => assertText(value, 'query') });
  assertVariablesText(variables);
}

/** Without recursion: how deep the client's JSON is nested must not decide over our stack. */
function assertVariablesText(variables: Readonly<Record<string, unknown>> | null | undefined): void {
  const rest: { value: unknown; path: string; level: number }[] = [{ value: variables, path: '', level: 0 }];
  for (let item; (item = rest.pop()) !== undefined;) {
    const { value, path, level } = item;
    if (typeof value === 'string') assertText(value, path);
    if (!isList(value) && !isPlainObject(value)) continue; // files are objects of a class
    if (level > MAX_LEVELS) throw tooDeep();
    for (const [key, inner] of Object.entries(value)) {
      if (!isList(value)) assertText(key, path === '' ? 'variables' : path);
      const name = isList(value) ? `[${key}]` : path === '' ? key : `.${key}`;
      rest.push({ value: inner, path: path + name, level: level + 1 });
    }
  }
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function tooDeep(): AppError {
  const rule = `at most ${MAX_LEVELS} levels`;
  return new AppError('BAD_USER_INPUT', `Expected ${rule} for variables`, {
    details: { path: 'variables', rule },
  });
}
