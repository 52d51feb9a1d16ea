import { hostname } from 'node:os';
import type { IncomingMessage } from 'node:http';
import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { RequestHandler } from 'express';
import { isLoopback } from '../config.js';
import { AppError } from '../errors.js';

export interface HostRules {
  /** HOST, the address to listen on. */
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
 * Protects against DNS rebinding: if `evil.example` is made to resolve to this server, a browser treats its pages as
 * same-origin with this server. The browser still sends that name as Host, so only requests with known own names are
 * answered. IP addresses cannot be rebound; those of other machines reach loopback only by mistake.
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
    // Of two, Node uses the first, but a proxy may have checked the other.
    if (rawHeaders.filter((name, i) => i % 2 === 0 && /^host$/i.test(name)).length > 1) return false;
    const target = absoluteHost(url);
    if (target !== null && !isOwn(target)) return false;
    // A proxy that sets its own Host puts the original one here. It is not trusted, only checked as well.
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

/** Names by which other machines of a home network know this one. */
function ownNames(host: string, machine: string): string[] {
  const name = machine.toLowerCase();
  const [short = name] = name.split('.');
  return [host.toLowerCase(), name, short, `${short}.local`];
}

/** Of `GET http://host/path`, which takes precedence over the header (RFC 9112, 3.2.2); null for `GET /path`. */
function absoluteHost(url: string | undefined): string | null {
  return /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url ?? '')?.[1] ?? null;
}

/** The name or address of `host[:port]`, in lower case, without brackets and trailing dot; null if invalid. */
function hostNameOf(header: string | undefined): string | null {
  const text = (header ?? '').trim().toLowerCase();
  const address = /^\[([0-9a-f:.]+)\](:\d*)?$/.exec(text)?.[1];
  if (address !== undefined) return isIPv6(address) ? unmapped(address) : null;
  return /^([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?(?::\d*)?$/.exec(text)?.[1] ?? null;
}

/** Converts an IPv4-mapped IPv6 address, in any of its forms, to IPv4. */
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
