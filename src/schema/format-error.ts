import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { AppError, ERRORS, messageOf, type ErrorCode } from '../errors.js';
import { storageFull } from '../lib/storage-full.js';
import type { Logger } from '../logger.js';
import { locationsOf } from './document-source.js';

/** Faults that the GraphQL layer itself finds in a request; their messages contain only names of the schema. */
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

/** What a client sees of a failure. The rest is logged under the `errorId`. */
export function publicError(error: unknown, logger: Logger): PublicError {
  const inner = error instanceof GraphQLError ? error.originalError : undefined;
  // graphql-js wraps its own errors too; that only adds a path.
  const thrown = inner == null || inner instanceof GraphQLError ? error : inner;
  const original = storageFull(thrown) ?? thrown;
  if (original instanceof AppError && original.info.audience === 'client') {
    const { code, message, details, info } = original;
    return { code, message, retryable: info.retryable, ...(Object.keys(details).length > 0 && { details }) };
  }
  if (original instanceof GraphQLError) {
    const told = ofProtocol(original);
    if (told !== null) return told;
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

/** The error if it was found before anything was executed, otherwise null. */
function ofProtocol({ message, extensions }: GraphQLError): PublicError | null {
  const { code, details, http } = extensions as {
    code?: string;
    details?: Record<string, unknown>;
    http?: { status?: number };
  };
  const isOurs = code === 'QUERY_TOO_COMPLEX' || code === 'BAD_USER_INPUT';
  if (isOurs && details) return { code, message, retryable: false, details };
  if (code !== undefined && PROTOCOL_CODES.has(code)) return { code, message, retryable: false };
  // Some of Apollo's refusals have a status but no code; their messages are constant.
  const isRefusal = code === undefined && http?.status !== undefined && http.status < 500;
  return isRefusal ? { code: 'BAD_REQUEST', message, retryable: false } : null;
}

/** For Apollo's `formatError`; transports without Apollo use `formatErrors`. */
export function formatError(
  formatted: GraphQLFormattedError,
  error: unknown,
  logger: Logger,
): GraphQLFormattedError {
  const { message, ...extensions } = publicError(error, logger);
  const locations = error instanceof GraphQLError ? locationsOf(error) : formatted.locations;
  return {
    message,
    ...(locations && { locations }),
    ...(formatted.path && { path: formatted.path }),
    extensions,
  };
}

/** Errors of an operation as every transport reports them. */
export const formatErrors = (errors: readonly GraphQLError[], logger: Logger): GraphQLFormattedError[] =>
  errors.map((error) => formatError(error.toJSON(), error, logger));

/** HTTP status of a request that is refused before it reaches GraphQL. */
export function httpStatus(code: string): number {
  switch (code as ErrorCode) {
    case 'ALBUM_NOT_FOUND':
    case 'IMAGE_NOT_FOUND':
    case 'IMAGE_FILE_MISSING':
      return 404;
    case 'IMAGE_TOO_LARGE':
    case 'FILE_TOO_LARGE':
      return 413;
    case 'IMAGE_UNSUPPORTED':
      return 415;
    case 'UNAUTHENTICATED':
      return 401;
    case 'FORBIDDEN':
      return 403;
    case 'HOST_NOT_ALLOWED':
      return 421;
    case 'REQUEST_CANCELLED':
      return 499;
    case 'RATE_LIMITED':
      return 429;
    case 'SERVER_BUSY':
    case 'MEDIA_UNAVAILABLE':
    case 'SHUTTING_DOWN':
    case 'REQUEST_TIMEOUT':
      return 503;
    case 'STORAGE_FULL':
      return 507;
    default:
      return code in ERRORS ? 400 : 500;
  }
}
