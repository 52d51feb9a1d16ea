import type { IncomingHttpHeaders } from 'node:http';

/** What is known of the file that a request is about. */
export interface Representation {
  /** A strong entity tag, with its quotes. */
  readonly etag: string;
  readonly lastModified: Date;
}

/** Whether a file is sent, is known to the client already (304), or is not the one that it means (412). */
export type Verdict = 'send' | 'not-modified' | 'failed';

/**
 * The preconditions of a GET or HEAD in the order of RFC 9110, 13.2.2. Express judges them a little otherwise: it takes the
 * `no-cache` that some clients add for "send it anew", and checks dates beside entity tags.
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

/** Whether a part of the file fits to what the client has of it (If-Range; RFC 9110, 13.1.5). */
export function mayBePart(headers: IncomingHttpHeaders, { etag, lastModified }: Representation): boolean {
  const ifRange = headers['if-range'];
  if (typeof ifRange !== 'string') return true;
  const date = dateOf(ifRange);
  return date === null ? ifRange.trim() === etag : seconds(date) === seconds(lastModified);
}

const tagsOf = (header: string): string[] => header.split(',').map((tag) => tag.trim());
/** HTTP's dates know no milliseconds. */
const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);

function dateOf(header: string | undefined): Date | null {
  // Every form that HTTP allows begins with the name of a day; Date.parse takes more, an entity tag's digits for one.
  if (header === undefined || !/^(mon|tue|wed|thu|fri|sat|sun)/i.test(header)) return null;
  const time = Date.parse(header);
  return Number.isNaN(time) ? null : new Date(time);
}
