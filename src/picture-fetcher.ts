import ipaddr from 'ipaddr.js';
import { lookup, type LookupAddress } from 'node:dns';
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { AppError } from './errors.js';
import type { LazyBytes } from './lib/byte-budget.js';
import { assertByteSize } from './services/gallery/ingest.js';

const MAX_URL_LENGTH = 2048;
const MAX_REDIRECTS = 5;
/** For everything, including redirects. */
const TIMEOUT_MS = 20_000;

export interface FetchPictureOptions {
  /** URL_FETCH */
  readonly isOn: boolean;
  /** Additional hosts, as `host` or `host:port`, that are allowed with any address. */
  readonly allow: readonly string[];
  readonly maxBytes: number;
}

/**
 * Fetches pictures by URL, if the operator has enabled it. Only public addresses on the usual ports are allowed: each is
 * checked after its name is resolved, is then the one that is connected to, and the same applies to every redirect.
 * Nothing of the client's request is sent.
 */
export class PictureFetcher {
  readonly #options: FetchPictureOptions;

  constructor(options: FetchPictureOptions) {
    this.#options = options;
  }

  /**
   * The file at an address, not yet fetched.
   * @throws AppError URL_NOT_ALLOWED; its `read` also IMAGE_TOO_LARGE and URL_UNREACHABLE
   */
  file(url: string, signal?: AbortSignal): LazyBytes {
    if (!this.#options.isOn)
      throw new AppError('URL_NOT_ALLOWED', 'This server does not fetch pictures by address (URL_FETCH).');
    const target = this.#check(url);
    let fetched: Promise<Uint8Array> | null = null; // a second request may return another picture
    const read = (): Promise<Uint8Array> => (fetched ??= this.#fetch(target, signal));
    return { bytesToHold: this.#options.maxBytes, read };
  }

  async #fetch(first: URL, caller: AbortSignal | undefined): Promise<Uint8Array> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const signal = caller === undefined ? timeout : AbortSignal.any([caller, timeout]);
    try {
      let url = first;
      for (let redirects = 0; ; redirects++) {
        const response = await this.#request(url, signal);
        const { statusCode = 0, headers } = response;
        if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
          response.destroy();
          if (redirects === MAX_REDIRECTS) throw unreachable('it redirects too often');
          url = this.#check(headers.location, url);
          continue;
        }
        if (statusCode !== 200) {
          response.destroy();
          throw unreachable(`it answers with status ${statusCode}`);
        }
        return await this.#body(response);
      }
    } catch (error) {
      caller?.throwIfAborted();
      if (error instanceof AppError) throw error;
      if (timeout.aborted) throw unreachable(`it took longer than ${TIMEOUT_MS / 1000} s`, error);
      throw unreachable('there is no answer', error);
    }
  }

  /** @throws AppError URL_NOT_ALLOWED */
  #check(text: string, base?: URL): URL {
    const url =
      text.length <= MAX_URL_LENGTH && URL.canParse(text, base?.href) ? new URL(text, base?.href) : null;
    if (
      url === null ||
      !['http:', 'https:'].includes(url.protocol) ||
      url.username !== '' ||
      url.password !== ''
    )
      throw notAllowed('Expected an http or https address without a user name.');
    if (this.#isListed(url)) return url;
    if (url.port !== '') throw notAllowed('Only the usual ports may be asked.');
    const host = bareHost(url);
    if (isIP(host) !== 0 && !isPublic(host)) throw notAllowed('Only public addresses may be asked.');
    return url;
  }

  #isListed({ host, hostname }: URL): boolean {
    return this.#options.allow.includes(host) || this.#options.allow.includes(hostname);
  }

  #request(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
    const options: RequestOptions = {
      headers: { accept: 'image/*', 'accept-encoding': 'identity', 'user-agent': 'Likeness' },
      agent: false, // no connection is kept, none is reused that was judged for another name
      signal,
      ...(!this.#isListed(url) && { lookup: publicLookup }),
    };
    return new Promise((resolve, reject) => {
      const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, resolve);
      request.once('error', reject);
      request.end();
    });
  }

  async #body(response: IncomingMessage): Promise<Uint8Array> {
    const { maxBytes } = this.#options;
    const announced = Number(response.headers['content-length'] ?? 0);
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      if (announced > 0) assertByteSize(announced, maxBytes);
      for await (const chunk of response) {
        bytes += (chunk as Buffer).byteLength;
        assertByteSize(bytes, maxBytes);
        chunks.push(chunk as Buffer);
      }
    } finally {
      response.destroy();
    }
    return Buffer.concat(chunks);
  }
}

/** IPv6 without its brackets. */
const bareHost = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

/** Neither loopback, link-local, private, shared or reserved, nor a form that leads to one of them (mapped, NAT64, 6to4, Teredo). */
function isPublic(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';
}

/** Resolves names to public addresses only; a name with any other address is refused. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
    if (error !== null) return callback(error, []);
    const isRefused = found.length === 0 || found.some(({ address }) => !isPublic(address));
    if (isRefused) return callback(notAllowed('Only public addresses may be asked.'), []);
    if (options.all === true) return callback(null, found);
    const [first] = found as [LookupAddress];
    callback(null, first.address, first.family);
  });
};

const notAllowed = (message: string): AppError => new AppError('URL_NOT_ALLOWED', message);

const unreachable = (why: string, cause?: unknown): AppError =>
  new AppError('URL_UNREACHABLE', `The picture cannot be fetched: ${why}.`, { cause });
