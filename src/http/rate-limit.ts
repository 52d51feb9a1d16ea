import type { RequestHandler } from 'express';
import { AppError } from '../errors.js';

const WINDOW_MS = 60_000;

/** Counts a request from an address. @throws AppError RATE_LIMITED above the limit */
export type CountRequest = (address: string | undefined) => void;

/**
 * At most `perMinute` requests per fixed window of a minute from one address, over HTTP and WebSocket together. 0 means
 * no limit.
 */
export function requestCounter(perMinute: number): CountRequest {
  let counts = new Map<string, number>();
  let windowStart = performance.now();
  return (address = '') => {
    if (perMinute === 0) return;
    const now = performance.now();
    if (now - windowStart >= WINDOW_MS) {
      counts = new Map();
      windowStart = now;
    }
    const count = (counts.get(address) ?? 0) + 1;
    counts.set(address, count);
    if (count <= perMinute) return;
    throw new AppError('RATE_LIMITED', 'Too many requests from this address.', {
      details: { retryAfterMs: Math.ceil(windowStart + WINDOW_MS - now) },
    });
  };
}

/** Applies RATE_LIMIT to every HTTP request that reaches it. */
export const rateLimit =
  (countRequest: CountRequest): RequestHandler =>
  (request, _response, next) => {
    countRequest(request.socket.remoteAddress);
    next();
  };
