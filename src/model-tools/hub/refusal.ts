import { AppError } from '../../errors.js';
import type { HttpAnswer } from './http-client.js';

/** A failed attempt that may succeed when repeated. */
export interface Broken {
  readonly reason: string;
  /** There was no answer. */
  readonly unreachable?: true;
  /** Wait requested by the server. */
  readonly retryAfterMs?: number;
}

/** Temporary statuses: the server is busy, restarting, or limits requests. */
const PASSING = [408, 425, 429];

/**
 * Evaluates an unsuccessful answer.
 * @throws AppError DOWNLOAD_FAILED, with the status in its details, if another attempt would get the same answer
 */
export function refusal(url: URL, { status, headers, url: answered }: HttpAnswer): Broken {
  if (status >= 500 || PASSING.includes(status)) {
    const retryAfterMs = retryAfterOf(headers['retry-after']);
    return {
      reason: `${answered.host} answered ${status}${status === 429 ? ' (too many requests)' : ''}`,
      ...(retryAfterMs === null ? {} : { retryAfterMs }),
    };
  }
  throw new AppError('DOWNLOAD_FAILED', `${url.href} cannot be downloaded: ${explain(status)}.`, {
    details: { url: url.href, status },
  });
}

function explain(status: number): string {
  switch (status) {
    case 401:
    case 403:
      return (
        `the server refused it (${status}). Either there is no such repository, or it is only for those who accepted its ` +
        'terms: put their access token into HF_TOKEN'
      );
    case 404:
    case 410:
      return `there is no such file (${status}). Look at MODEL_HUB, and at --revision if it was given`;
    case 407:
      return 'the proxy wants a name and a password (407), as in HTTPS_PROXY=http://name:password@proxy:3128';
    default:
      return `the server answered ${status}`;
  }
}

/** Seconds or a date (RFC 9110, 10.2.3), in ms from now. */
function retryAfterOf(header: string | undefined): number | null {
  if (header === undefined) return null;
  const ms = /^\d{1,7}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

/** @param kept bytes of the part that stay */
export function broken(url: URL, { reason, unreachable, retryAfterMs }: Broken, kept: number): AppError {
  const again =
    kept > 0
      ? `${kept} bytes of it are kept: running the command again goes on from there`
      : 'Run the command again later. Behind a proxy, set HTTPS_PROXY; for a mirror of the hub, MODEL_HUB';
  const patience =
    retryAfterMs === undefined ? '' : ` and asks to wait ${Math.ceil(retryAfterMs / 1000)} seconds`;
  return new AppError(
    unreachable === true ? 'HUB_UNREACHABLE' : 'DOWNLOAD_FAILED',
    `${url.href} cannot be downloaded: ${reason}${patience}. ${again}.`,
    {
      details: { url: url.href, keptBytes: kept, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    },
  );
}
