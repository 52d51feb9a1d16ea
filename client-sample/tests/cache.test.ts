import { beforeEach, describe, expect, test } from '@jest/globals';
import { gql, type InMemoryCache } from '@apollo/client';
import { createCache } from '../src/api/cache';
import { addPictures, dropPictures, forgetPictures, takePictures } from '../src/pages/gallery/gallery-lists';

const PAGE = gql`
  query Page($after: String, $filter: GalleryFilter, $orderBy: GalleryOrder) {
    galleryImages(after: $after, filter: $filter, orderBy: $orderBy) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        cursor
        node {
          id
          title
        }
      }
    }
  }
`;

interface Listed {
  readonly galleryImages: {
    readonly totalCount: number;
    readonly pageInfo: { readonly hasNextPage: boolean };
    readonly edges: readonly { readonly node: { readonly id: string } }[];
  };
}

let cache: InMemoryCache;

beforeEach(() => {
  cache = createCache();
});

const NEWEST = { filter: null, orderBy: 'NEWEST' as const };
const OLDEST = { filter: null, orderBy: 'OLDEST' as const };

/** Writes a page of pictures as it comes from the server. */
function write(
  ids: readonly number[],
  {
    after = null,
    totalCount = 9,
    variables = NEWEST,
    hasNextPage = true,
  }: { after?: string | null; totalCount?: number; variables?: object; hasNextPage?: boolean } = {},
): void {
  cache.writeQuery({
    query: PAGE,
    variables: { ...variables, after },
    data: {
      galleryImages: {
        __typename: 'GalleryImageConnection',
        totalCount,
        pageInfo: { __typename: 'PageInfo', hasNextPage, endCursor: `c${ids.at(-1)}` },
        edges: ids.map((id) => ({
          __typename: 'GalleryImageEdge',
          cursor: `c${id}`,
          node: { __typename: 'GalleryImage', id: String(id), title: `Picture ${id}` },
        })),
      },
    },
  });
}

/** The list as a page of the client reads it, whatever was asked for last. */
function read(variables: object = NEWEST): { ids: number[]; total: number } | null {
  const data = cache.readQuery<Listed>({ query: PAGE, variables });
  return (
    data && {
      ids: data.galleryImages.edges.map(({ node }) => Number(node.id)),
      total: data.galleryImages.totalCount,
    }
  );
}

describe('the pages of a connection are one list', () => {
  test('joined by cursor', () => {
    write([9, 8]);
    write([7, 6], { after: 'c8' });
    write([5], { after: 'c6' });
    expect(read()).toEqual({ ids: [9, 8, 7, 6, 5], total: 9 });
  });

  test('a picture that comes twice, because others were added meanwhile, is listed once', () => {
    write([9, 8, 7]);
    write([7, 6], { after: 'c7' });
    expect(read()?.ids).toEqual([9, 8, 7, 6]);
  });

  test('a page that is asked for again takes the place of what came after its cursor', () => {
    write([9, 8]);
    write([7, 6], { after: 'c8' });
    write([6, 5], { after: 'c8' });
    expect(read()?.ids).toEqual([9, 8, 6, 5]);
  });

  test('a page after a cursor that is not known any more is put at the end', () => {
    write([9, 8]);
    write([3, 2], { after: 'c4' });
    expect(read()?.ids).toEqual([9, 8, 3, 2]);
  });

  test('a first page that says what is known leaves the pages after it', () => {
    write([9, 8]);
    write([7, 6], { after: 'c8' });
    write([9, 8]);
    expect(read()?.ids).toEqual([9, 8, 7, 6]);
  });

  test.each([
    ['begins otherwise', [10, 9], 9],
    ['counts otherwise', [9, 8], 8],
  ])('a first page that %s begins the list anew', (_how, ids, totalCount) => {
    write([9, 8]);
    write([7, 6], { after: 'c8' });
    write(ids, { totalCount });
    expect(read()).toEqual({ ids, total: totalCount });
  });

  test('lists of another filter or order are apart', () => {
    write([9, 8]);
    write([1, 2], { variables: OLDEST });
    write([4], { variables: { ...NEWEST, filter: { tags: ['a'] } }, totalCount: 1 });
    expect(read()?.ids).toEqual([9, 8]);
    expect(read(OLDEST)?.ids).toEqual([1, 2]);
    expect(read({ ...NEWEST, filter: { tags: ['a'] } })).toEqual({ ids: [4], total: 1 });
  });

  test('what left the cache left the list and its count', () => {
    write([9, 8, 7]);
    cache.evict({ id: 'GalleryImage:8' });
    expect(read()).toEqual({ ids: [9, 7], total: 8 });
    write([6], { after: 'c7' });
    expect(read()?.ids).toEqual([9, 7, 6]);
  });
});

describe('changes of the lists without asking the server', () => {
  test('pictures that are forgotten come back when an optimistic change is taken back', () => {
    write([9, 8, 7]);
    cache.recordOptimisticTransaction((optimistic) => forgetPictures(optimistic, ['8']), 'removal');
    const seen = cache.read<Listed>({ query: PAGE, variables: NEWEST, optimistic: true });
    expect(seen?.galleryImages.edges.map(({ node }) => node.id)).toEqual(['9', '7']);
    cache.removeOptimistic('removal');
    expect(read()).toEqual({ ids: [9, 8, 7], total: 9 });
  });

  test('removed pictures are out of every list, and of the count of those not loaded yet', () => {
    write([9, 8, 7]);
    write([7], { variables: { ...NEWEST, filter: { tags: ['a'] } }, totalCount: 4 });
    dropPictures(cache, ['8', '2']);
    expect(read()).toEqual({ ids: [9, 7], total: 7 });
    expect(read({ ...NEWEST, filter: { tags: ['a'] } })).toEqual({ ids: [7], total: 4 });
  });

  test('pictures that belong to a list no more are out of it and its count, and stay in others', () => {
    const missing = { ...NEWEST, filter: { missing: true } };
    write([9, 8, 7]);
    write([8, 7], { variables: missing, totalCount: 4 });
    takePictures(cache, missing, ['8', '2']);
    expect(read(missing)).toEqual({ ids: [7], total: 3 });
    expect(read()).toEqual({ ids: [9, 8, 7], total: 9 });
  });

  test('new pictures come first, once, and other lists are asked for anew', () => {
    write([9, 8]);
    write([1, 2], { variables: OLDEST });
    cache.writeFragment({
      fragment: gql`
        fragment New on GalleryImage {
          id
          title
        }
      `,
      data: { __typename: 'GalleryImage', id: '10', title: 'New' },
    });
    addPictures(cache, NEWEST, [taken('10', '2024-02-01'), taken('9', '2024-01-01')]);
    expect(read()).toEqual({ ids: [10, 9, 8], total: 10 });
    expect(read(OLDEST)).toBeNull();
  });

  test('in a list of the oldest first they are what is loaded last', () => {
    write([1, 2], { variables: OLDEST, totalCount: 2 });
    addPictures(cache, OLDEST, [taken('3', '2024-01-01')]);
    expect(read(OLDEST)).toEqual({ ids: [1, 2], total: 3 });
  });

  test.each([
    ['TAKEN_NEWEST' as const, [3, 2, 1], [6, 3, 5, 2, 1]],
    ['TAKEN_OLDEST' as const, [1, 2, 3], [1, 2, 5, 3, 6]],
  ])('in the order %s they come where their date belongs', (orderBy, before, after) => {
    const variables = { filter: null, orderBy };
    write(before, { variables, totalCount: 3, hasNextPage: false });
    for (const [id, day] of [
      ['1', '2024-01-01'],
      ['2', '2024-02-01'],
      ['3', '2024-03-01'],
    ] as const)
      cache.writeFragment({
        fragment: gql`
          fragment Taken on GalleryImage {
            takenAt
            takenLocal
          }
        `,
        id: `GalleryImage:${id}`,
        data: { __typename: 'GalleryImage', ...taken(id, day) },
      });
    for (const id of ['5', '6'])
      cache.writeFragment({
        fragment: gql`
          fragment New on GalleryImage {
            id
            title
          }
        `,
        data: { __typename: 'GalleryImage', id, title: 'New' },
      });
    addPictures(cache, variables, [taken('6', '2024-04-01'), taken('5', '2024-02-15')]);
    expect(read(variables)).toEqual({ ids: after, total: 5 });
  });

  test('one that belongs beyond what has been loaded comes with its page', () => {
    const variables = { filter: null, orderBy: 'TAKEN_NEWEST' as const };
    write([3, 2], { variables, totalCount: 8 });
    addPictures(cache, variables, [taken('9', '1999-01-01')]);
    expect(read(variables)).toEqual({ ids: [3, 2], total: 9 });
  });
});

/** Its clock says noon of the day; five hours behind UTC. */
const taken = (id: string, day: string) => ({
  id,
  takenAt: `${day}T17:00:00Z`,
  takenLocal: `${day}T12:00:00`,
});

const JOB = gql`
  query Jobs {
    job(id: "1") {
      id
      state
      done
      total
      finishedAt
    }
  }
`;

test('an answer about a job that was overtaken by a later one takes nothing back', () => {
  const tell = (fields: object) =>
    cache.writeQuery({ query: JOB, data: { job: { __typename: 'Job', id: '1', ...fields } } });
  tell({ state: 'RUNNING', done: 3, total: 9, finishedAt: null });
  tell({ state: 'DONE', done: 9, total: 9, finishedAt: '2026-01-01T00:00:00Z' });
  tell({ state: 'RUNNING', done: 5, total: null, finishedAt: null });
  expect(cache.readQuery({ query: JOB })).toMatchObject({
    job: { state: 'DONE', done: 9, total: 9, finishedAt: '2026-01-01T00:00:00Z' },
  });
});

test('a picture of a list is known by its id, too', () => {
  write([9]);
  const query = gql`
    query One($id: ID!) {
      galleryImage(id: $id) {
        id
        title
      }
    }
  `;
  expect(cache.readQuery({ query, variables: { id: '9' } })).toMatchObject({
    galleryImage: { title: 'Picture 9' },
  });
  expect(cache.readQuery({ query, variables: { id: '8' } })).toBeNull();
});

test('matches whose picture is gone are left out', () => {
  const query = gql`
    query Search {
      search(id: "s") {
        id
        matches {
          rank
          image {
            id
          }
        }
      }
    }
  `;
  cache.writeQuery({
    query,
    data: {
      search: {
        __typename: 'SearchResult',
        id: 's',
        matches: ['1', '2'].map((id, i) => ({
          __typename: 'SearchMatch',
          rank: i + 1,
          image: { __typename: 'GalleryImage', id },
        })),
      },
    },
  });
  cache.evict({ id: 'GalleryImage:1' });
  expect(cache.readQuery({ query })).toMatchObject({ search: { matches: [{ rank: 2 }] } });
});
