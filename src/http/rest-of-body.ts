import type { NextFunction, Request, Response } from 'express';

/** What is read of a body after its answer: enough for a client that reads no answer before it has sent one upload. */
const MAX_REST_BYTES = 32 * 1024 * 1024;
const MAX_REST_MS = 10_000;
const POLL_MS = 100;

/**
 * An answer is sent as soon as it is known, also while the body is still on its way. Closing at once would lose it to
 * many clients, so the rest of the body is read and thrown away, within bounds; then the connection is closed.
 */
export function boundRestOfBody(request: Request, response: Response, next: NextFunction): void {
  response.once('finish', () => {
    if (request.complete) return;
    const { socket } = request;
    const [bytes, start] = [socket.bytesRead, performance.now()];
    request.resume();
    // Node itself takes over what nobody has begun to read, and shows it to no listener: it is counted at the socket.
    const timer = setInterval(() => {
      if (request.complete || socket.destroyed) clearInterval(timer);
      else if (socket.bytesRead - bytes > MAX_REST_BYTES || performance.now() - start > MAX_REST_MS)
        socket.destroy();
    }, POLL_MS).unref();
  });
  next();
}
