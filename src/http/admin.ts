import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../config.js';
import { AppError } from '../errors.js';

export interface AdministratorOptions {
  /** ADMIN_TOKEN; empty when there is none. */
  readonly token: string;
  /** A secret of this process, for commands on the same machine that may read the data folder. */
  readonly localToken: string;
  /** HOST, the address that is listened on. */
  readonly host: string;
}

/** @throws AppError UNAUTHENTICATED, FORBIDDEN when whoever sends the request may not administer this server */
export type AssertAdministrator = (request: IncomingMessage) => void;

/**
 * Who is an administrator: who knows the token of the settings. Where none is set, whoever sits at this machine: the
 * request comes from a loopback address to a server that listens on nothing else, straight (no proxy stands before it)
 * and not by way of a foreign web page.
 */
export function administratorCheck({ token, localToken, host }: AdministratorOptions): AssertAdministrator {
  return (request) => {
    const given = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    if (given !== undefined && isSame(given, localToken)) return;
    if (token !== '') {
      if (given === undefined)
        throw new AppError('UNAUTHENTICATED', 'This needs the header "authorization: Bearer <ADMIN_TOKEN>".');
      if (!isSame(given, token)) throw new AppError('FORBIDDEN', 'The administrator token is not right.');
      return;
    }
    if (!isLoopback(host) || !isFromHere(request)) {
      throw new AppError(
        'FORBIDDEN',
        "Only someone on the server's own machine may do this; from elsewhere send the administrator token (setting ADMIN_TOKEN).",
      );
    }
  };
}

/** Hashes are compared: of one length whatever was sent, and in constant time. */
function isSame(given: string, expected: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}

/** A page of another origin, also one whose name was made to point here (DNS rebinding), shows in Origin or Host. */
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
