import type { IncomingHttpHeaders } from 'node:http';

/** Properties of the requested file. */
export interface Representation {
  /** A strong entity tag, with its quotes. */
  readonly etag: string;
  readonly lastModified: Date;
}

/** Whether to send a file, answer that the client already has it (304), or that it is another version (412). */
export type Verdict = 'send' | 'not-modified' | 'failed';

/**
 * Evaluates the preconditions of a GET or HEAD in the order of RFC 9110, 13.2.2. Express differs: it treats a `no-cache`
 * that some clients add as a request to send the file again, and checks dates in addition to entity tags.
 */
export function judge(headers: IncomingHttpHeaders, { etag, lastModified }: Representation): Verdict {
  const ifMatch = headers['if-match'];
  const unmodifiedSince = dateOf(headers['if-unmodified-since']);
  if (ifMatch !== undefined) {
    if (!tagsOf(ifMatch).some((tag) => tag === '*' || tag === etag)) return 'failed';
  } else if (unmodifiedSince !== null && seconds(lastModified) > seconds(unmodifiedSince)) return 'failed';

  const ifNoneMatch = headers['if-none-match'];
  const modifiedSince = dateOf(headers['if-modified-since']);
  if (ifNoneMatch !== undefined) {
    const isKnown = tagsOf(ifNoneMatch).some((tag) => tag === '*' || tag.replace(/^W\//, '') === etag);
    return isKnown ? 'not-modified' : 'send';
  }
  return modifiedSince !== null && seconds(lastModified) <= seconds(modifiedSince) ? 'not-modified' : 'send';
}

/** Whether a part of the file matches the version that the client has (If-Range; RFC 9110, 13.1.5). */
export function mayBePart(headers: IncomingHttpHeaders, { etag, lastModified }: Representation): boolean {
  const ifRange = headers['if-range'];
  if (typeof ifRange !== 'string') return true;
  const date = dateOf(ifRange);
  return date === null ? ifRange.trim() === etag : seconds(date) === seconds(lastModified);
}

const tagsOf = (header: string): string[] => header.split(',').map((tag) => tag.trim());
/** HTTP dates have no milliseconds. */
const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);

function dateOf(header: string | undefined): Date | null {
  // Every form that HTTP allows begins with the name of a day; Date.parse accepts more, such as digits of an entity tag.
  if (header === undefined || !/^(mon|tue|wed|thu|fri|sat|sun)/i.test(header)) return null;
  const time = Date.parse(header);
  return Number.isNaN(time) ? null : new Date(time);
}
