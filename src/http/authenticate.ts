import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../config.js';
import { AppError } from '../errors.js';
import type { Principal } from '../schema/principal.js';
import { visitorIn } from './visitor.js';

export interface AuthenticationOptions {
  /** ADMIN_TOKEN; empty if not set. */
  readonly token: string;
  /** A secret of this process, for commands on the same machine that may read the data folder. */
  readonly localToken: string;
  /** HOST, the address to listen on. */
  readonly host: string;
}

/** The caller of one HTTP request. */
export interface Caller extends Principal {
  /** The request had no visitor id: `visitorId` was created for it, and is lost unless the client stores it. */
  readonly isNewVisitor: boolean;
}

/** Identifies the sender of a request, including the handshake of a WebSocket; only once per request, however often it is called. */
export type Identify = (request: IncomingMessage) => Caller;

type Refusal = 'no token' | 'wrong token' | 'elsewhere';

/**
 * Administrators send the token of the settings. If none is set, anyone on the server's own machine is an administrator:
 * the request must come from a loopback address to a server that listens only there, directly (without a proxy), and not
 * from a foreign web page.
 */
export function authenticator(options: AuthenticationOptions): Identify {
  const callers = new WeakMap<IncomingMessage, Caller>();
  return (request) => {
    const known = callers.get(request);
    if (known !== undefined) return known;
    const caller = callerOf(request, options);
    callers.set(request, caller);
    return caller;
  };
}

function callerOf(request: IncomingMessage, options: AuthenticationOptions): Caller {
  const refusal = refusalOf(request, options);
  const visitorId = visitorIn(request);
  return {
    role: refusal === null ? 'administrator' : 'visitor',
    visitorId: visitorId ?? randomUUID(),
    isNewVisitor: visitorId === null,
    assertAdministrator() {
      if (refusal !== null) throw errorOf(refusal);
    },
  };
}

/** Why a request is not from an administrator; null if it is. */
function refusalOf(
  request: IncomingMessage,
  { token, localToken, host }: AuthenticationOptions,
): Refusal | null {
  const given = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  if (given !== undefined && isSame(given, localToken)) return null;
  if (token !== '') {
    if (given === undefined) return 'no token';
    return isSame(given, token) ? null : 'wrong token';
  }
  return isLoopback(host) && isFromHere(request) ? null : 'elsewhere';
}

function errorOf(refusal: Refusal): AppError {
  switch (refusal) {
    case 'no token':
      return new AppError('UNAUTHENTICATED', 'This needs the header "authorization: Bearer <ADMIN_TOKEN>".');
    case 'wrong token':
      return new AppError('FORBIDDEN', 'The administrator token is wrong.');
    case 'elsewhere':
      return new AppError(
        'FORBIDDEN',
        "Only someone on the server's own machine may do this; from elsewhere send the administrator token (setting ADMIN_TOKEN).",
      );
  }
}

/** Compares hashes, which have equal lengths for any input, in constant time. */
function isSame(given: string, expected: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}

/** A page of another origin, even one whose name was made to point here (DNS rebinding), is visible in Origin or Host. */
function isFromHere({ socket, headers }: IncomingMessage): boolean {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/i, '');
  if (!isLoopback(address)) return false;
  if (['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => headers[name] !== undefined))
    return false;
  const name = hostName(`http://${headers.host ?? ''}`);
  if (name === null || !isLoopback(name)) return false;
  return headers.origin === undefined || hostOf(headers.origin) === headers.host;
}

const hostOf = (url: string): string | null => (URL.canParse(url) ? new URL(url).host : null);
const hostName = (url: string): string | null =>
  URL.canParse(url) ? new URL(url).hostname.replace(/^\[(.*)\]$/, '$1') : null;
