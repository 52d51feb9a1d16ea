import type { IncomingMessage, ServerResponse } from 'node:http';

const COOKIE = 'likeness_visitor';
const ID = /^[\w-]{8,64}$/;

/**
 * The visitor of a request: an anonymous id from the header `x-visitor-id`, which scripts choose, or from a cookie.
 * @returns null if it has none
 */
export function visitorIn(request: IncomingMessage): string | null {
  const header = request.headers['x-visitor-id'];
  if (typeof header === 'string' && ID.test(header)) return header;
  for (const pair of request.headers.cookie?.split(';') ?? []) {
    const [name, value] = pair.trim().split('=');
    if (name === COOKIE && value !== undefined && ID.test(value)) return value;
  }
  return null;
}

/** Sets a cookie with the new id for a client that sent none. */
export function keepVisitor(
  { visitorId, isNewVisitor }: { readonly visitorId: string; readonly isNewVisitor: boolean },
  response: ServerResponse,
): void {
  if (!isNewVisitor) return;
  response.appendHeader(
    'set-cookie',
    `${COOKIE}=${visitorId}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax`,
  );
}
