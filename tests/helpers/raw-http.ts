import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A connection that sends exactly the bytes it is given: what no HTTP library would send, and unfinished requests. */
export class RawConnection {
  readonly socket: Socket;
  #received = '';
  #isClosed = false;
  #wake: () => void = () => {};

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text: string) => {
      this.#received += text;
      this.#wake();
    });
    // A server that refuses a body closes while it is being written.
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  send(...parts: readonly (string | Uint8Array)[]): this {
    for (const part of parts) this.socket.write(part);
    return this;
  }

  /** The next answer, as soon as it is complete, whatever of the request has been sent. */
  async answer(): Promise<RawAnswer> {
    for (;;) {
      const parsed = takeAnswer(this.#received);
      if (parsed !== null) {
        this.#received = parsed.rest;
        return parsed.answer;
      }
      if (this.#isClosed) throw new Error(`Closed without an answer after ${JSON.stringify(this.#received)}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Sends the same over and over until the server closes the connection. */
  async sendUntilClosed(part: Uint8Array): Promise<void> {
    while (!this.#isClosed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        // A socket that is destroyed fails every write at once, and its 'close' would never get its turn.
        if (!this.socket.destroyed) this.socket.write(part, () => resolve());
      });
  }

  destroy(): void {
    this.socket.destroy();
  }
}

function takeAnswer(text: string): { answer: RawAnswer; rest: string } | null {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
  const length = Number(headers['content-length'] ?? 0);
  const rest = text.slice(end + 4);
  if (rest.length < length) return null;
  const body = Buffer.from(rest.slice(0, length), 'latin1').toString();
  return { answer: { status: Number(first.split(' ')[1]), headers, body }, rest: rest.slice(length) };
}

export interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Sends one request that may be ended or not, and gives its answer. */
export async function rawRequest(
  url: string,
  { method = 'GET', path = '/', headers = {}, body = '' }: RawRequest,
): Promise<RawAnswer> {
  const connection = new RawConnection(url);
  const lines = Object.entries({ host: new URL(url).host, ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  try {
    return await connection
      .send(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, body)
      .answer();
  } finally {
    connection.destroy();
  }
}
