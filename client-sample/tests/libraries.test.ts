import { expect, test } from '@jest/globals';
import { isAboutCaller } from '../src/api/errors';
import { newsOf, NOTHING_BEGUN, type Begun } from '../src/pages/libraries/library-news';

const EARLIER = '2026-01-01T00:00:00Z';
const LATER = '2026-01-02T00:00:00Z';
const job = { id: 'job' };
const library = { id: 'library-1', name: 'Trips', scannedAt: EARLIER, scan: null, removal: null };

test('a scan that this page has begun is announced once, when it has ended', () => {
  const begun: Begun = { ...NOTHING_BEGUN, scans: new Map([['library-1', EARLIER]]) };
  // An answer from before the scan, and one from during it.
  for (const now of [library, { ...library, scan: job }])
    expect(newsOf(begun, [now])).toEqual({ scanned: [], removed: [], left: begun });
  const { scanned, left } = newsOf(begun, [{ ...library, scannedAt: LATER }]);
  expect({ scanned, left }).toEqual({ scanned: ['Trips'], left: NOTHING_BEGUN });
  expect(newsOf(left, [{ ...library, scannedAt: LATER }]).scanned).toEqual([]);
});

test('a removal is announced when the library is gone, and not when it was cut short', () => {
  const begun: Begun = { ...NOTHING_BEGUN, removals: new Map([['library-1', 'Trips']]) };
  expect(newsOf(begun, [{ ...library, removal: job }])).toEqual({ scanned: [], removed: [], left: begun });
  expect(newsOf(begun, [])).toEqual({ scanned: [], removed: ['Trips'], left: NOTHING_BEGUN });
  expect(newsOf(begun, [library])).toEqual({ scanned: [], removed: [], left: NOTHING_BEGUN });
});

test('a folder that is refused is not taken for a wrong token', () => {
  expect(isAboutCaller({ code: 'UNAUTHENTICATED', details: {} })).toBe(true);
  expect(isAboutCaller({ code: 'FORBIDDEN', details: {} })).toBe(true);
  expect(isAboutCaller({ code: 'FORBIDDEN', details: { setting: 'IMPORT_ROOTS' } })).toBe(false);
  expect(isAboutCaller({ code: 'LIBRARY_UNAVAILABLE', details: {} })).toBe(false);
});
