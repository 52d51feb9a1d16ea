import type { Dispatcher } from 'undici';
import { AppError, messageOf } from '../../errors.js';
import { announcementOf, type Announcement } from './announcement.js';

export interface HttpClientOptions {
  /** Proxies for http and https addresses, and the hosts without one; '' means none. */
  readonly proxy?: { readonly http: string; readonly https: string; readonly none: string };
  /** Sent as a bearer token to its origin only, not to others after a redirect. */
  readonly token?: { readonly origin: string; readonly value: string } | null;
  readonly userAgent?: string;
  /** Limit for connecting, for the head of an answer, and for the next bytes of its body. */
  readonly timeoutMs?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What the server, or those that redirected to it, announced about the file. */
  readonly announced: Announcement;
  readonly body: Dispatcher.ResponseData['body'];
  /** The address that answered. */
  readonly url: URL;
}

export interface HttpClient {
  /**
   * Requests an address and follows redirects.
   * @throws ConnectionError if there is no answer; AppError DOWNLOAD_FAILED for redirects that must not be followed
   */
  get(url: URL, headers: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<HttpAnswer>;
  /** Aborts running requests. */
  close(): Promise<void>;
}

/** The network failed; the same request may succeed later. */
export class ConnectionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConnectionError';
  }
}

const MOST_REDIRECTS = 10;
const REDIRECTS = [301, 302, 303, 307, 308];
const TIMEOUT_MS = 60_000;

/** @throws AppError CONFIG_INVALID if the proxy's address is invalid */
export function openHttpClient(options: HttpClientOptions = {}): HttpClient {
  const { token = null, userAgent = 'likeness', timeoutMs = TIMEOUT_MS } = options;
  const { http = '', https = '', none = '' } = options.proxy ?? {};
  const proxies = { httpProxy: proxyAddress(http), httpsProxy: proxyAddress(https), noProxy: none };
  let loaded: ReturnType<typeof load> | null = null;

  async function load() {
    const { EnvHttpProxyAgent, request } = await import('./http-agent.js');
    const agent = new EnvHttpProxyAgent({
      ...proxies,
      proxyTunnel: false, // for http only: most proxies refuse tunnels to port 80
      connect: { timeout: timeoutMs },
    });
    return { agent, request };
  }

  async function getOne(url: URL, given: Readonly<Record<string, string>>, signal?: AbortSignal) {
    const headers = {
      'user-agent': userAgent,
      'accept-encoding': 'identity',
      ...(token !== null && token.origin === url.origin ? { authorization: `Bearer ${token.value}` } : {}),
      ...given,
    };
    const { agent, request } = await (loaded ??= load());
    return request(url, {
      dispatcher: agent,
      headers,
      signal: signal ?? null,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw new ConnectionError(`${url.host} cannot be reached: ${reasonOf(error)}`, { cause: error });
    });
  }

  return {
    async get(start, headers, signal) {
      let announced: Announcement = {};
      let url = start;
      for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
        const answer = await getOne(url, headers, signal);
        const single = flat(answer.headers);
        announced = { ...announcementOf(single), ...announced }; // the hub announces it, the storage that it redirects to does not
        if (!REDIRECTS.includes(answer.statusCode))
          return { status: answer.statusCode, headers: single, announced, body: answer.body, url };
        await answer.body.dump();
        url = targetOf(url, single['location'], start);
      }
      throw new AppError('DOWNLOAD_FAILED', `${start.href} redirects more than ${MOST_REDIRECTS} times.`);
    },
    close: async () => (await loaded)?.agent.destroy(),
  };
}

function targetOf(from: URL, location: string | undefined, start: URL): URL {
  const refuse = (why: string): AppError =>
    new AppError('DOWNLOAD_FAILED', `${from.host} redirects ${why}; that is not followed.`);
  if (location === undefined || !URL.canParse(location, from.href)) throw refuse('to nowhere');
  const target = new URL(location, from);
  if (target.protocol !== 'https:' && target.protocol !== 'http:')
    throw refuse(`to an address of the kind ${target.protocol}`);
  if (target.protocol === 'http:' && start.protocol === 'https:') throw refuse('from https to http');
  return target;
}

/** A proxy's address as people write it, `proxy:3128` included. */
function proxyAddress(text: string): string {
  if (text === '') return '';
  const address = text.includes('://') ? text : `http://${text}`;
  if (/^https?:/i.test(address) && URL.canParse(address)) return address;
  throw new AppError(
    'CONFIG_INVALID',
    'The proxy of the environment (HTTP_PROXY, HTTPS_PROXY) needs an address such as http://proxy.example.org:3128.',
  );
}

function flat(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const first = Array.isArray(value) ? value[0] : value;
      return first === undefined ? [] : [[name, first]];
    }),
  );
}

/** The reason in errors that wrap one another, or several attempts (IPv6, IPv4) at once. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (error instanceof Error && error.message === '' && error.cause !== undefined)
    return reasonOf(error.cause);
  return messageOf(error);
}
