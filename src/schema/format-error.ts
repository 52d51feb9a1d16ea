import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { AppError, ERRORS, messageOf, type ErrorCode } from '../errors.js';
import { storageFull } from '../lib/storage-full.js';
import type { Logger } from '../logger.js';

/** What the GraphQL layer itself finds wrong with a request; its texts name the schema's own words only. */
const PROTOCOL_CODES = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'BAD_REQUEST',
]);

export interface PublicError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly errorId?: string;
}

/** What a client is told of a failure. What it is not told is logged under the `errorId` it gets. */
export function publicError(error: unknown, logger: Logger): PublicError {
  const inner = error instanceof GraphQLError ? error.originalError : undefined;
  // Apollo wraps what validation finds; only our own rules give their errors a code before that.
  const isWrapping = inner instanceof GraphQLError && inner.extensions['code'] === undefined;
  const thrown = inner !== undefined && !isWrapping ? inner : error;
  const original = storageFull(thrown) ?? thrown;
  if (original instanceof AppError && original.info.audience === 'client') {
    const { code, message, details, info } = original;
    return { code, message, retryable: info.retryable, ...(Object.keys(details).length > 0 && { details }) };
  }
  if (original instanceof GraphQLError) {
    const code = original.extensions['code'];
    if (code === 'QUERY_TOO_COMPLEX') {
      const details = original.extensions['details'] as Record<string, unknown>;
      return { code, message: original.message, retryable: false, details };
    }
    if (code === 'BAD_USER_INPUT') return badInput(original.message);
    if (typeof code === 'string' && PROTOCOL_CODES.has(code))
      return { code, message: original.message, retryable: false };
    if (original.originalError === undefined && code === undefined) return badInput(original.message);
  }
  const errorId = randomUUID();
  const stack = original instanceof Error ? original.stack : undefined;
  const code = original instanceof AppError ? original.code : undefined;
  const cause =
    original instanceof Error && original.cause !== undefined ? messageOf(original.cause) : undefined;
  logger.error({ errorId, code, cause, stack }, messageOf(original));
  return {
    code: 'INTERNAL_SERVER_ERROR',
    message: 'Something went wrong on the server. The errorId names the entry in its log.',
    retryable: false,
    errorId,
  };
}

/** GraphQL's own words on a value that does not fit its type quote the value; ours do not. */
function badInput(message: string): PublicError {
  const variable = /^Variable "\$(\w+)"(?: got invalid value .*? at "([^"]+)")?/s.exec(message);
  const argument = /^Argument "(\w+)"/.exec(message);
  const type = /type "([^"]+)"/.exec(message)?.[1] ?? /; (\w+) cannot represent/.exec(message)?.[1];
  const path = variable?.[2] ?? variable?.[1] ?? argument?.[1] ?? 'variables';
  const rule = type === undefined ? 'a value of the declared type' : `a value of type ${type}`;
  return {
    code: 'BAD_USER_INPUT',
    message: `Expected ${rule} for ${path}`,
    retryable: false,
    details: { path, rule },
  };
}

/** For Apollo's `formatError` and for subscriptions. */
export function formatError(
  formatted: GraphQLFormattedError,
  error: unknown,
  logger: Logger,
): GraphQLFormattedError {
  const original =
    error instanceof GraphQLError && error.extensions['code'] === undefined && formatted.extensions?.['code']
      ? withCode(error, formatted.extensions['code'])
      : error;
  const { message, ...extensions } = publicError(original, logger);
  return {
    message,
    ...(formatted.locations && { locations: formatted.locations }),
    ...(formatted.path && { path: formatted.path }),
    extensions,
  };
}

/** Apollo decides some codes only when it formats. */
function withCode(error: GraphQLError, code: unknown): GraphQLError {
  if (error.originalError !== undefined && !(error.originalError instanceof GraphQLError)) return error;
  if (code === 'INTERNAL_SERVER_ERROR') return error;
  return new GraphQLError(error.message, { extensions: { ...error.extensions, code } });
}

/** HTTP status of an answer that is refused before GraphQL. */
export function httpStatus(code: string): number {
  switch (code as ErrorCode) {
    case 'IMAGE_NOT_FOUND':
      return 404;
    case 'IMAGE_TOO_LARGE':
      return 413;
    case 'IMAGE_UNSUPPORTED':
      return 415;
    case 'UNAUTHENTICATED':
      return 401;
    case 'FORBIDDEN':
      return 403;
    case 'RATE_LIMITED':
      return 429;
    case 'SERVER_BUSY':
    case 'INDEX_NOT_READY':
    case 'SHUTTING_DOWN':
    case 'REQUEST_TIMEOUT':
      return 503;
    case 'STORAGE_FULL':
      return 507;
    default:
      return code in ERRORS ? 400 : 500;
  }
}
