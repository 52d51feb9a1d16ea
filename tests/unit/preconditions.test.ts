import { describe, expect, test } from '@jest/globals';
import { judge, mayBePart, type Verdict } from '../../src/http/preconditions.js';

const ETAG = '"abc"';
const MODIFIED = new Date('2026-03-01T12:00:00.789Z');
const EARLIER = 'Sun, 01 Mar 2026 11:59:59 GMT';
const SAME = 'Sun, 01 Mar 2026 12:00:00 GMT';
const LATER = 'Mon, 02 Mar 2026 12:00:00 GMT';
const file = { etag: ETAG, lastModified: MODIFIED };

describe('preconditions', () => {
  test.each<[Record<string, string>, Verdict]>([
    [{}, 'send'],
    [{ 'if-match': ETAG }, 'send'],
    [{ 'if-match': `"other", ${ETAG}` }, 'send'],
    [{ 'if-match': '*' }, 'send'],
    [{ 'if-match': '"other"' }, 'failed'],
    [{ 'if-match': `W/${ETAG}` }, 'failed'],
    [{ 'if-match': '' }, 'failed'],
    [{ 'if-match': ETAG, 'if-unmodified-since': EARLIER }, 'send'],
    [{ 'if-unmodified-since': EARLIER }, 'failed'],
    [{ 'if-unmodified-since': SAME }, 'send'],
    [{ 'if-unmodified-since': LATER }, 'send'],
    [{ 'if-unmodified-since': 'nonsense' }, 'send'],
    [{ 'if-none-match': ETAG }, 'not-modified'],
    [{ 'if-none-match': `W/${ETAG}` }, 'not-modified'],
    [{ 'if-none-match': `"other",${ETAG}` }, 'not-modified'],
    [{ 'if-none-match': '*' }, 'not-modified'],
    [{ 'if-none-match': '"other"' }, 'send'],
    [{ 'if-none-match': ETAG, 'cache-control': 'no-cache' }, 'not-modified'],
    [{ 'if-none-match': '"other"', 'if-modified-since': LATER }, 'send'],
    [{ 'if-modified-since': EARLIER }, 'send'],
    [{ 'if-modified-since': SAME }, 'not-modified'],
    [{ 'if-modified-since': LATER }, 'not-modified'],
    [{ 'if-modified-since': 'nonsense' }, 'send'],
    [{ 'if-match': '"other"', 'if-none-match': ETAG }, 'failed'],
    [{ 'if-match': ETAG, 'if-none-match': ETAG }, 'not-modified'],
  ])('%j: %s', (headers, verdict) => expect(judge(headers, file)).toBe(verdict));

  test.each<[string | undefined, boolean]>([
    [undefined, true],
    [ETAG, true],
    ['"other"', false],
    [`W/${ETAG}`, false],
    ['"1"', false],
    [SAME, true],
    [EARLIER, false],
    [LATER, false],
    ['nonsense', false],
  ])('If-Range %s: a part may be sent: %s', (ifRange, expected) =>
    expect(mayBePart(ifRange === undefined ? {} : { 'if-range': ifRange }, file)).toBe(expected),
  );
});
