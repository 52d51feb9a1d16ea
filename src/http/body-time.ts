import type { IncomingMessage } from 'node:http';
import type { NextFunction, Request, Response } from 'express';

/** Same as Node's limit for whole requests, which cannot be raised for a single request. */
const MAX_BODY_MS = 300_000;

const timers = new WeakMap<IncomingMessage, NodeJS.Timeout>();

/** A body that does not arrive in time ends its connection. */
export function boundTimeOfBody(request: Request, _response: Response, next: NextFunction): void {
  if (!request.complete) {
    const { socket } = request;
    const timer = setTimeout(() => {
      if (request.complete || socket.destroyed) return;
      socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
      socket.destroySoon();
    }, MAX_BODY_MS).unref();
    timers.set(request, timer);
    for (const event of ['end', 'close']) request.once(event, () => clearTimeout(timer));
  }
  next();
}

/** From now on this body may take any time while it keeps arriving. */
export function allowSlowBody(request: IncomingMessage): void {
  request.on('data', () => timers.get(request)?.refresh());
}
