import type { IncomingMessage, ServerResponse } from 'node:http';

const COOKIE = 'likeness_visitor';
const ID = /^[\w-]{8,64}$/;

/**
 * Whose history a request asks for: an anonymous id of the client's own choice (`x-visitor-id`, for scripts) or of a
 * cookie.
 * @returns null when it brings none
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

/** Has a client that brought no id keep the one it was given, as a cookie. */
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
