import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** Hop-by-hop headers, which are removed here. */
const HOP = new Set(['upgrade', 'http2-settings']);

export const isWebSocket = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket';

/**
 * Answers a request that offers to upgrade to another protocol (RFC 9110, 7.8) by HTTP/1.1: Java's HTTP client and
 * `curl --http2` offer HTTP/2 in their first request. Node then passes on a bare connection; the request is put back in
 * front of the remaining data, without the offer, and the server parses it again.
 */
export function serveWithoutUpgrade(
  server: Server,
  request: IncomingMessage,
  socket: Duplex,
  rest: Buffer,
): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const [name, value] = [rawHeaders[i]!, rawHeaders[i + 1]!];
    if (HOP.has(name.toLowerCase())) continue;
    const kept = name.toLowerCase() === 'connection' ? withoutHop(value) : value;
    if (kept !== '' || value === '') lines.push(`${name}: ${kept}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), rest]));
  server.emit('connection', socket);
}

const withoutHop = (value: string): string =>
  value
    .split(',')
    .map((option) => option.trim())
    .filter((option) => !HOP.has(option.toLowerCase()))
    .join(', ');
