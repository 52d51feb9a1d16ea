import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

const COOKIE = 'likeness_visitor';
const ID = /^[\w-]{8,64}$/;

function fromRequest(request: IncomingMessage): string | undefined {
  const header = request.headers['x-visitor-id'];
  if (typeof header === 'string' && ID.test(header)) return header;
  for (const pair of request.headers.cookie?.split(';') ?? []) {
    const [name, value] = pair.trim().split('=');
    if (name === COOKIE && value !== undefined && ID.test(value)) return value;
  }
  return undefined;
}

/**
 * Whose history this is: an anonymous id of the client's own choice (`x-visitor-id`, for scripts) or of a cookie,
 * which is set when there is none.
 */
export function visitorOf(request: IncomingMessage, response?: ServerResponse): string {
  const known = fromRequest(request);
  if (known !== undefined) return known;
  const id = randomUUID();
  response?.appendHeader('set-cookie', `${COOKIE}=${id}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax`);
  return id;
}
