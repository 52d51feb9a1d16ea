import { CombinedGraphQLErrors, ServerError } from '@apollo/client/errors';
import { errors as en } from '../i18n/messages/en/errors';

export type ErrorKey = Exclude<keyof typeof en, 'errorId'>;

/** A failure as a page shows it. */
export interface Failure {
  readonly key: ErrorKey;
  /** The server's own code, also one that this page does not know. */
  readonly code: string;
  /** What the sentence needs: limit, actual, seconds, path, rule … */
  readonly details: Readonly<Record<string, unknown>>;
  /** To look it up in the server's log. */
  readonly errorId: string | null;
  /** Whether the same request may succeed when sent again. */
  readonly retryable: boolean;
}

/** Where the server did not say so itself. */
const RETRYABLE = new Set([
  'RATE_LIMITED',
  'SERVER_BUSY',
  'SHUTTING_DOWN',
  'MEDIA_UNAVAILABLE',
  'REQUEST_TIMEOUT',
  'NETWORK',
]);

interface Extensions {
  readonly code?: unknown;
  readonly errorId?: unknown;
  readonly retryable?: unknown;
  readonly details?: unknown;
}

/** Turns anything that was thrown into a failure that can be shown. */
export function toFailure(error: unknown): Failure {
  if (CombinedGraphQLErrors.is(error)) return fromExtensions(error.errors[0]?.extensions ?? {});
  if (ServerError.is(error)) return fromBody(error.bodyText) ?? failure('NETWORK');
  if (error instanceof TypeError || (error instanceof DOMException && error.name === 'NetworkError'))
    return failure('NETWORK');
  return failure('UNKNOWN');
}

/** Whether the caller is the problem, and not what was asked for: some folders are refused to administrators, too. */
export const isAboutCaller = ({ code, details }: Pick<Failure, 'code' | 'details'>): boolean =>
  code === 'UNAUTHENTICATED' || (code === 'FORBIDDEN' && details['setting'] === undefined);

/** Answers other than 200 carry GraphQL errors, too, where they come from Likeness itself. */
function fromBody(text: string): Failure | null {
  try {
    const body = JSON.parse(text) as { errors?: { extensions?: Extensions }[] };
    const extensions = body.errors?.[0]?.extensions;
    return extensions === undefined ? null : fromExtensions(extensions);
  } catch {
    return null;
  }
}

function fromExtensions({ code, errorId, details, retryable }: Extensions): Failure {
  const known = failure(typeof code === 'string' ? code : 'UNKNOWN');
  return {
    ...known,
    retryable: typeof retryable === 'boolean' ? retryable : known.retryable,
    details: typeof details === 'object' && details !== null ? (details as Record<string, unknown>) : {},
    errorId: typeof errorId === 'string' ? errorId : null,
  };
}

export function failure(code: string): Failure {
  const key =
    code in en && code !== 'errorId'
      ? (code as ErrorKey)
      : code.startsWith('GRAPHQL_')
        ? 'PROTOCOL'
        : 'UNKNOWN';
  return { key, code, details: {}, errorId: null, retryable: RETRYABLE.has(code) };
}
