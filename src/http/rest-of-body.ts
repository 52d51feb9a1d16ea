import type { NextFunction, Request, Response } from 'express';

/** How much of a body is read after its answer: enough for a client that reads the answer only after sending one upload. */
const MAX_REST_BYTES = 32 * 1024 * 1024;
const MAX_REST_MS = 10_000;
const POLL_MS = 100;

/**
 * An answer is sent as soon as it is known, even while the body is still arriving. If the connection were closed at
 * once, many clients would lose the answer, so the rest of the body is read and discarded, within limits, before closing.
 */
export function boundRestOfBody(request: Request, response: Response, next: NextFunction): void {
  response.once('finish', () => {
    if (request.complete) return;
    const { socket } = request;
    const [bytes, start] = [socket.bytesRead, performance.now()];
    request.resume();
    // If nobody has started to read the body, Node itself discards it without events, so bytes are counted at the socket.
    const timer = setInterval(() => {
      if (request.complete || socket.destroyed) clearInterval(timer);
      else if (socket.bytesRead - bytes > MAX_REST_BYTES || performance.now() - start > MAX_REST_MS)
        socket.destroy();
    }, POLL_MS).unref();
  });
  next();
}
