import { hostname } from 'node:os';
import type { IncomingMessage } from 'node:http';
import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { RequestHandler } from 'express';
import { isLoopback } from '../config.js';
import { AppError } from '../errors.js';

export interface HostRules {
  /** HOST, the address that is listened on. */
  readonly host: string;
  /** ALLOWED_HOSTS */
  readonly allowed: readonly string[];
  /** This machine's own name. */
  readonly machine?: string;
}

/** Whether a request names this server. */
export type IsOwnHost = (
  request: Pick<IncomingMessage, 'headers' | 'url'> & { readonly rawHeaders?: readonly string[] },
) => boolean;

/**
 * Against DNS rebinding: a page of `evil.example` whose name is made to point here is, for its browser, of one origin
 * with this server. The browser still sends the page's name as Host, so only names that are known to be ours are
 * answered. Addresses cannot be made to point elsewhere; those of other machines come to loopback by mistake only.
 */
export function hostRules({ host, allowed, machine = hostname() }: HostRules): IsOwnHost {
  const own = isLoopback(host) ? [] : ownNames(host, machine);
  const names = new Set([...allowed, ...own].map((name) => (isIPv6(name) ? unmapped(name) : name)));
  const suffixes = allowed.filter((name) => name.startsWith('*.')).map((name) => name.slice(1));

  const isOwn = (header: string | undefined): boolean => {
    const name = hostNameOf(header);
    if (name === null) return false;
    if (isLoopbackName(name)) return true;
    if (isIP(name) !== 0) return !isLoopback(host) || names.has(name);
    return names.has(name) || suffixes.some((suffix) => name.endsWith(suffix));
  };

  return ({ headers, url, rawHeaders = [] }) => {
    if (names.has('*')) return true;
    // Of two, Node takes the first, and what stands before this server may have looked at the other.
    if (rawHeaders.filter((name, i) => i % 2 === 0 && /^host$/i.test(name)).length > 1) return false;
    const target = absoluteHost(url);
    if (target !== null && !isOwn(target)) return false;
    // A proxy that writes its own Host says here what it was asked for. It is never believed, only checked as well.
    const forwarded = headers['x-forwarded-host'];
    const asked = forwarded === undefined ? [] : String(forwarded).split(',');
    return [headers.host, ...asked].every((header) => isOwn(header));
  };
}

/** @throws AppError HOST_NOT_ALLOWED */
export function hostGuard(isOwnHost: IsOwnHost): RequestHandler {
  return (request, _response, next) => {
    if (!isOwnHost(request)) throw hostNotAllowed();
    next();
  };
}

export const hostNotAllowed = (): AppError =>
  new AppError(
    'HOST_NOT_ALLOWED',
    'This server does not answer under the host name of the request. If the name is its own, add it to the setting ALLOWED_HOSTS.',
  );

/** What other machines of a home network know this one by. */
function ownNames(host: string, machine: string): string[] {
  const name = machine.toLowerCase();
  const [short = name] = name.split('.');
  return [host.toLowerCase(), name, short, `${short}.local`];
}

/** Of `GET http://host/path`, which takes precedence over the header (RFC 9112, 3.2.2); null for `GET /path`. */
function absoluteHost(url: string | undefined): string | null {
  return /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url ?? '')?.[1] ?? null;
}

/** The name or address of `host[:port]`, in lower case, without brackets and the root's dot; null when it is none. */
function hostNameOf(header: string | undefined): string | null {
  const text = (header ?? '').trim().toLowerCase();
  const address = /^\[([0-9a-f:.]+)\](:\d*)?$/.exec(text)?.[1];
  if (address !== undefined) return isIPv6(address) ? unmapped(address) : null;
  return /^([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?(?::\d*)?$/.exec(text)?.[1] ?? null;
}

/** An IPv4 address that is written as an IPv6 one, in any of its forms, as what it is. */
function unmapped(address: string): string {
  const [withoutZone = ''] = address.split('%');
  const { hostname: canonical } = new URL(`http://[${withoutZone}]`);
  const mapped = /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(canonical);
  if (mapped === null) return canonical.slice(1, -1);
  const words = mapped.slice(1).map((word) => Number.parseInt(word, 16));
  return words.flatMap((word) => [word >> 8, word & 255]).join('.');
}

const isLoopbackName = (name: string): boolean =>
  (isLoopback(name) && (isIPv4(name) || !/^127\./.test(name))) || name.endsWith('.localhost');
