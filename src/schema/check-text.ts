import { Kind, visit, type DocumentNode } from 'graphql';
import { AppError } from '../errors.js';
import { assertText } from '../lib/text.js';

/** No input type of the schema is nested this deep. */
const MAX_LEVELS = 32;

/**
 * Checks every string that a resolver may receive: in the variables as they arrived, and in the document.
 * @throws AppError BAD_USER_INPUT with the path of a string that is not well-formed Unicode or contains NUL
 */
export function assertOperationText(
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>> | null | undefined,
): void {
  visit(document, { [Kind.STRING]: ({ value }) => assertText(value, 'query') });
  assertVariablesText(variables);
}

/** Without recursion, so that deeply nested JSON cannot overflow the stack. */
function assertVariablesText(variables: Readonly<Record<string, unknown>> | null | undefined): void {
  const rest: { value: unknown; path: string; level: number }[] = [{ value: variables, path: '', level: 0 }];
  for (let item; (item = rest.pop()) !== undefined;) {
    const { value, path, level } = item;
    if (typeof value === 'string') assertText(value, path);
    if (!isList(value) && !isPlainObject(value)) continue; // uploads are class instances
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
