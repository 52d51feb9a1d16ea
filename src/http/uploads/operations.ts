import Upload from 'graphql-upload/Upload.mjs';
import { AppError } from '../../errors.js';

/** The GraphQL operation of a multipart request, and the expected files by the names of their parts. */
export interface Expected {
  readonly operation: Record<string, unknown>;
  readonly uploads: ReadonlyMap<string, Upload>;
}

/** Names with a special meaning in JavaScript objects, which no variable has. */
const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);

/** @throws AppError BAD_USER_INPUT */
export function badMultipart(path: string, message: string): AppError {
  return new AppError('BAD_USER_INPUT', message, {
    details: { path, rule: 'as the GraphQL multipart request specification says' },
  });
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badMultipart(path, `Expected JSON in the part ${path}`);
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The part `operations`. @throws AppError BAD_USER_INPUT */
export function parseOperations(text: string): Record<string, unknown> {
  const operation = parseJson(text, 'operations');
  if (Array.isArray(operation))
    throw badMultipart(
      'operations',
      'Expected one operation in a request: send each of the others in its own request',
    );
  if (!isRecord(operation))
    throw badMultipart('operations', 'Expected an object with query and variables in the part operations');
  return operation;
}

/**
 * The part `map`: puts a placeholder into the operation at every path for a file. Only existing nulls are replaced.
 * @throws AppError BAD_USER_INPUT
 */
export function placeUploads(operation: Record<string, unknown>, text: string, maxFiles: number): Expected {
  const map = parseJson(text, 'map');
  if (!isRecord(map)) throw badMultipart('map', 'Expected an object of lists of paths in the part map');
  const entries = Object.entries(map);
  if (entries.length > maxFiles) throw tooManyFiles(maxFiles);
  const uploads = new Map<string, Upload>();
  for (const [name, paths] of entries) {
    if (!Array.isArray(paths) || paths.length === 0)
      throw badMultipart('map', 'Expected a list of at least one path for every file of the part map');
    const upload = new Upload();
    for (const path of paths) place(operation, path, upload);
    uploads.set(name, upload);
  }
  return { operation, uploads };
}

function place(operation: Record<string, unknown>, path: unknown, upload: Upload): void {
  const [root, ...names] = typeof path === 'string' ? path.split('.') : [];
  const last = names.pop();
  let target: unknown = operation['variables'];
  if (root !== 'variables' || last === undefined || !isRecord(target)) throw badPath();
  for (const name of names) {
    if (!hasOwn(target, name)) throw badPath();
    target = target[name];
  }
  if (!hasOwn(target, last) || target[last] !== null) throw badPath();
  target[last] = upload;
}

function hasOwn(value: unknown, name: string): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || value instanceof Upload || RESERVED.has(name))
    return false;
  return Array.isArray(value) ? /^\d+$/.test(name) && Object.hasOwn(value, name) : Object.hasOwn(value, name);
}

const badPath = (): AppError =>
  badMultipart(
    'map',
    'Expected paths in the part map such as variables.image that are null in the part operations, each once',
  );

export const tooManyFiles = (maxFiles: number): AppError =>
  badMultipart('map', `Expected at most ${maxFiles} files in a request: send the others in another request`);
