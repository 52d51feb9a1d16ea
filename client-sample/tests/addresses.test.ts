import { describe, expect, test } from '@jest/globals';
import type { GalleryFilter } from '../src/gql/graphql';
import * as gallery from '../src/pages/gallery/filters/gallery-address';
import * as passes from '../src/pages/gallery/filters/passes';
import * as search from '../src/pages/search/address/search-address';

describe('the address of the gallery', () => {
  const view: gallery.GalleryView = {
    album: '',
    text: 'a & b',
    tags: ['sea', '三'],
    anyTags: ['x,y'],
    from: '2024-02-29',
    to: '2024-03-01',
    library: 'library-3',
    missing: true,
    camera: 'Canon EOS R5',
    format: 'jpeg',
    orientation: 'PORTRAIT',
    takenFrom: '2021-05-01',
    takenTo: '2021-05-31',
    favorites: true,
    minRating: 3,
    tagged: false,
    order: 'TITLE',
  };
  const all: gallery.GalleryView = { ...gallery.NO_FILTER, album: '', order: 'TAKEN_NEWEST' };
  const album: gallery.GalleryView = { ...all, album: 'album-3', order: 'ALBUM' };

  test('says a view, and is read as the same', () => {
    for (const one of [
      view,
      all,
      { ...all, text: ' ' },
      { ...all, order: 'OLDEST' as const },
      album,
      { ...album, order: 'NEWEST' as const, text: 'a' },
    ])
      expect(gallery.readView(new URLSearchParams(gallery.writeView(one).toString()))).toEqual(one);
  });

  test('is empty for the whole gallery', () => {
    expect(gallery.writeView(all).toString()).toBe('');
  });

  test('names an album, which has an order of its own; no filter but the album is none', () => {
    expect(gallery.writeView(album).toString()).toBe('album=album-3');
    expect(gallery.toFilter(album)).toEqual({ album: 'album-3' });
    expect(gallery.readView(new URLSearchParams('sort=album')).order).toBe('TAKEN_NEWEST');
    // Of earlier versions, which had this order without saying so.
    expect(gallery.readView(new URLSearchParams('sort=newest')).order).toBe('NEWEST');
    expect([album, { ...album, text: 'a' }, all].map(gallery.isFiltered)).toEqual([false, true, false]);
  });

  test('may be written by hand: what means nothing is left out', () => {
    const address = new URLSearchParams(
      'sort=sideways&from=yesterday&to=2024-13-40&tag=a&other=1&missing=perhaps&library=&stars=7&shape=round&tagged=no&taken-from=May',
    );
    expect(gallery.readView(address)).toEqual({ ...all, tags: ['a'] });
  });

  test('becomes a filter of whole days where the visitor is', () => {
    expect(gallery.toFilter(all)).toBeNull();
    expect(gallery.toFilter({ ...all, text: '  ' })).toBeNull();
    expect(gallery.toFilter(view)).toEqual({
      text: 'a & b',
      tags: ['sea', '三'],
      anyTags: ['x,y'],
      createdAfter: new Date(2024, 1, 29).toISOString(),
      createdBefore: new Date(2024, 2, 2).toISOString(),
      library: 'library-3',
      missing: true,
      camera: 'Canon EOS R5',
      format: 'jpeg',
      orientation: 'PORTRAIT',
      takenAfter: '2021-05-01T00:00:00.000Z',
      takenBefore: '2021-06-01T00:00:00.000Z',
      favorite: true,
      minRating: 3,
      tagged: false,
    });
    expect(gallery.countConditions(view)).toBe(15);
    expect(gallery.countConditions(all)).toBe(0);
  });

  const picture = {
    title: 'The Sea',
    tags: ['blue', 'wide'],
    createdAt: '2024-02-29T12:00:00Z',
    missing: false,
    width: 300,
    height: 200,
    // Five hours behind UTC: the clock showed the evening before.
    takenAt: '2021-06-01T03:00:00Z',
    takenLocal: '2021-05-31T22:00:00',
    favorite: true,
    rating: 3,
    camera: 'Canon EOS R5',
    format: 'jpeg',
    places: [{ libraryId: 'library-3', path: 'Trip/DSC_1.jpg' }],
  };
  test.each<[GalleryFilter | null, boolean]>([
    [null, true],
    [{ text: 'SEA' }, true],
    [{ text: 'lu' }, true],
    [{ text: 'wood' }, false],
    [{ tags: ['blue', 'wide'] }, true],
    [{ tags: ['blue', 'green'] }, false],
    [{ anyTags: ['green', 'wide'] }, true],
    [{ anyTags: ['green'] }, false],
    [{ anyTags: [] }, true],
    [{ createdAfter: '2024-02-29T12:00:00Z' }, true],
    [{ createdAfter: '2024-02-29T12:00:01Z' }, false],
    [{ createdBefore: '2024-02-29T12:00:00Z' }, false],
    [{ text: 'sea', tags: ['green'] }, false],
    [{ album: 'album-3' }, false],
    [{ takenAfter: '2021-05-31T22:00:00Z' }, true],
    [{ takenAfter: '2021-06-01T00:00:00Z' }, false],
    [{ takenBefore: '2021-06-01T00:00:00Z' }, true],
    [{ camera: 'Canon EOS R5' }, true],
    [{ camera: 'Canon' }, false],
    [{ format: 'jpeg', orientation: 'LANDSCAPE' }, true],
    [{ format: 'png' }, false],
    [{ orientation: 'SQUARE' }, false],
    [{ favorite: true, minRating: 3 }, true],
    [{ favorite: false }, false],
    [{ minRating: 4 }, false],
    [{ tagged: true }, true],
    [{ tagged: false }, false],
    // As the server compares: without case, width and composition.
    [{ text: 'ＳＥＡ' }, true],
    [{ tags: ['BLUE'] }, true],
    [{ anyTags: ['Ｗide'] }, true],
    [{ text: 'trip/dsc' }, true],
    [{ library: 'library-3' }, true],
    [{ library: 'library-4' }, false],
    [{ missing: true }, false],
    [{ missing: false }, true],
    [{ library: 'library-3', missing: true }, false],
  ])('a new picture belongs to the list of %j: %p', (filter, belongs) => {
    expect(passes.passes(filter, picture)).toBe(belongs);
  });

  test('a picture that no library has is in the list of none', () => {
    const { places: _, ...uploaded } = picture;
    expect(passes.passes({ library: 'library-3' }, uploaded)).toBe(false);
    expect(passes.passes({ text: 'sea' }, uploaded)).toBe(true);
  });

  test('places are asked for where a filter needs them', () => {
    expect([null, { tags: ['a'] }, { missing: true }].map(passes.needsPlaces)).toEqual([false, false, false]);
    expect([{ text: 'a' }, { library: 'library-1' }].map(passes.needsPlaces)).toEqual([true, true]);
    expect([null, { text: 'a' }, { missing: true }].map(passes.followsChanges)).toEqual([false, false, true]);
  });
});

describe('the address of a search', () => {
  const nothing: search.SearchView = {
    source: null,
    count: search.DEFAULT_COUNT,
    minimum: 0,
    tags: [],
    match: 'all',
    shown: null,
  };
  const read = (address: string): search.SearchView => search.readView(new URLSearchParams(address));

  test('says a view, and is read as the same', () => {
    const views: search.SearchView[] = [
      nothing,
      { ...nothing, source: { kind: 'image', id: '15' }, count: 96, minimum: 0.125, shown: '7' },
      { ...nothing, source: { kind: 'search', id: 'f-1' }, tags: ['a', 'b & c'], match: 'any' },
      { ...nothing, source: { kind: 'file', id: 'x' }, tags: ['三'] },
    ];
    for (const view of views) expect(read(search.writeView(view))).toEqual(view);
  });

  test('is short, and keeps commas readable', () => {
    expect(search.writeView(nothing)).toBe('?');
    expect(search.writeView({ ...nothing, source: { kind: 'image', id: '5' }, tags: ['a', 'b'] })).toBe(
      '?image=5&tags=a,b',
    );
  });

  test.each([
    ['k=0', { count: 1 }],
    ['k=5000', { count: search.MAX_COUNT }],
    ['k=12.6', { count: 13 }],
    ['k=many', {}],
    ['min=2', { minimum: 1 }],
    ['min=-1', {}],
    ['min=', {}],
    ['tags=a,,a,b', { tags: ['a', 'b'] }],
    ['match=some', {}],
    ['image=&search=s', { source: { kind: 'search' as const, id: 's' } }],
  ])('%s may be written by hand', (address, fields) => {
    expect(read(address)).toEqual({ ...nothing, ...fields });
  });

  test('becomes a filter by all of the tags, or one of them', () => {
    expect(search.toFilter({ tags: [], match: 'any' })).toBeNull();
    expect(search.toFilter({ tags: ['a'], match: 'all' })).toEqual({ tags: ['a'] });
    expect(search.toFilter({ tags: ['a'], match: 'any' })).toEqual({ anyTags: ['a'] });
  });
});
