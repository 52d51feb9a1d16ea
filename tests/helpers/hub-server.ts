import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** A file as the hub serves it, and what goes wrong with that. */
export interface HubFile {
  readonly bytes: Uint8Array;
  /** Announced as in Git LFS, by size and sha256; otherwise only by its length. Default true. */
  readonly lfs?: boolean;
  /** Announced instead of the truth. */
  readonly sha256?: string;
  readonly size?: number;
  /** First answers with something else. */
  readonly redirect?: 'relative' | 'absolute' | 'endless' | 'nowhere';
  /** How the n-th answer with content goes wrong, from the first on; those after are right. */
  readonly trouble?: readonly Trouble[];
  /** Never hears of Range. */
  readonly ignoresRange?: boolean;
  /** Sends without saying how much. */
  readonly chunked?: boolean;
}

export type Trouble =
  | 'fine'
  /** Sends half of what it should, and breaks off. */
  | 'break'
  /** Sends a little and then nothing any more. */
  | 'stall'
  | 'wrong-range'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> };

export interface HubRequest {
  readonly url: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly authorization: string | undefined;
}

/** A hub on this machine: files by their path, `/<repository>/resolve/<revision>/<file>`. */
export class HubServer {
  readonly files = new Map<string, HubFile>();
  readonly requests: HubRequest[] = [];
  /** Of the storage that it redirects to, on another port. */
  readonly storageRequests: HubRequest[] = [];
  readonly #server = createServer((request, response) => this.#answer(request, response));
  readonly #storage = createServer((request, response) => this.#store(request, response));
  readonly #toBreak: { readonly at: number; readonly response: ServerResponse }[] = [];
  /** A client may lose the last of what was sent when the connection breaks; `received` waits for it to tell. */
  breaksWhen: 'sent' | 'received' = 'sent';
  readonly #events = new EventEmitter();
  readonly #answered = new WeakMap<HubFile, number>();

  static async start(): Promise<HubServer> {
    const hub = new HubServer();
    for (const server of [hub.#server, hub.#storage]) await once(server.listen(0, '127.0.0.1'), 'listening');
    return hub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get storageUrl(): string {
    return `http://127.0.0.1:${(this.#storage.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const server of [this.#server, this.#storage]) {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  }

  /** Resolves when a transfer has come to its standstill. */
  async stalled(): Promise<void> {
    await once(this.#events, 'stalled');
  }

  /** The client has so many bytes of the file. */
  received(bytes: number): void {
    const [next] = this.#toBreak;
    if (next === undefined || bytes < next.at) return;
    this.#toBreak.shift();
    next.response.destroy();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(recordOf(request));
    const path = request.url ?? '';
    const file = this.files.get(path.replace(/^\/cdn/, ''));
    if (file === undefined) {
      response.writeHead(404).end('Entry not found');
      return;
    }
    const headers = announce(file);
    const location = {
      relative: `/cdn${path}`,
      absolute: `${this.storageUrl}${path}`,
      endless: path,
      nowhere: undefined,
    };
    if (file.redirect !== undefined && !path.startsWith('/cdn')) {
      const to = location[file.redirect];
      response.writeHead(302, { ...headers, ...(to === undefined ? {} : { location: to }) }).end('Found');
    } else this.#send(file, request, response, headers);
  }

  #store(request: IncomingMessage, response: ServerResponse): void {
    this.storageRequests.push(recordOf(request));
    const path = request.url ?? '';
    const file = this.files.get(path);
    if (file === undefined) response.writeHead(404).end();
    else this.#send(file, request, response, {});
  }

  #send(
    file: HubFile,
    request: IncomingMessage,
    response: ServerResponse,
    announced: Record<string, string>,
  ): void {
    const { bytes, trouble = [] } = file;
    const turn = this.#answered.get(file) ?? 0;
    this.#answered.set(file, turn + 1);
    const wrong = trouble[turn] ?? 'fine';
    if (typeof wrong === 'object') {
      response.writeHead(wrong.status, wrong.headers).end('No.');
      return;
    }
    const etag = `"${hash('md5', bytes)}"`;
    const start = file.ignoresRange === true ? 0 : startOf(request, etag);
    if (start > 0 && start >= bytes.byteLength) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.byteLength}` }).end();
      return;
    }
    const body = bytes.subarray(start);
    const said = wrong === 'wrong-range' ? start + 1 : start;
    response.writeHead(start > 0 ? 206 : 200, {
      etag,
      'accept-ranges': 'bytes',
      ...announced,
      ...(file.chunked === true ? {} : { 'content-length': String(body.byteLength) }),
      ...(start > 0 ? { 'content-range': `bytes ${said}-${bytes.byteLength - 1}/${bytes.byteLength}` } : {}),
    });
    if (wrong === 'break' || wrong === 'stall') {
      const half = body.byteLength >> 1;
      const whenReceived = this.breaksWhen === 'received';
      if (wrong === 'break' && whenReceived) this.#toBreak.push({ at: start + half, response });
      response.write(body.subarray(0, half), () => {
        if (wrong === 'stall') this.#events.emit('stalled');
        if (wrong === 'break' && !whenReceived) response.destroy();
      });
    } else response.end(body);
  }
}

function announce(file: HubFile): Record<string, string> {
  const commit = { 'x-repo-commit': '0123456789abcdef0123456789abcdef01234567' };
  if (file.lfs === false) return commit;
  return {
    ...commit,
    'x-linked-size': String(file.size ?? file.bytes.byteLength),
    'x-linked-etag': `"${file.sha256 ?? hash('sha256', file.bytes)}"`,
  };
}

const hash = (algorithm: string, bytes: Uint8Array): string =>
  createHash(algorithm).update(bytes).digest('hex');

function startOf({ headers }: IncomingMessage, etag: string): number {
  if (headers['if-range'] !== undefined && headers['if-range'] !== etag) return 0;
  return Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
}

const recordOf = ({ url = '', headers }: IncomingMessage): HubRequest => ({
  url,
  range: headers.range,
  ifRange: headers['if-range']?.toString(),
  authorization: headers.authorization,
});

/** A proxy: http addresses in absolute form, others by CONNECT. */
export class ProxyServer {
  readonly seen: string[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((request, response) => this.#forward(request, response));

  /** @param credentials `name:password`, when it asks for them */
  static async start(credentials?: string): Promise<ProxyServer> {
    const proxy = new ProxyServer(credentials);
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  private constructor(readonly credentials?: string) {
    this.#server.on('connect', (request: IncomingMessage, client: Socket) => {
      this.seen.push(`CONNECT ${request.url}`);
      const [host, port] = (request.url ?? '').split(':');
      const target = connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        target.pipe(client).pipe(target);
      });
      for (const socket of [client, target]) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
      }
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #forward(request: IncomingMessage, response: ServerResponse): void {
    const expected = this.credentials && `Basic ${Buffer.from(this.credentials).toString('base64')}`;
    if (expected !== undefined && request.headers['proxy-authorization'] !== expected) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end();
      return;
    }
    this.seen.push(`${request.method} ${request.url}`);
    const sent = forward(request.url ?? '', { headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    sent.on('error', () => response.destroy()).end();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
