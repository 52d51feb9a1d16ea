/** A GraphQL client of a few lines, as a script would have it: real HTTP, real multipart requests. */

export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: {
    readonly code: string;
    readonly retryable?: boolean;
    readonly details?: Readonly<Record<string, unknown>>;
    readonly errorId?: string;
  };
}

export interface Answer<Data> {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Data | null;
  readonly errors: readonly GraphqlError[];
}

async function toAnswer<Data>(response: Response): Promise<Answer<Data>> {
  const body = (await response.json()) as { data?: Data | null; errors?: GraphqlError[] };
  return {
    status: response.status,
    headers: response.headers,
    data: body.data ?? null,
    errors: body.errors ?? [],
  };
}

export async function request<Data>(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Answer<Data>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return toAnswer<Data>(response);
}

export interface UploadFile {
  /** Where in the operation the file belongs, e.g. `variables.image`. */
  readonly paths: readonly string[];
  readonly bytes: Uint8Array;
  readonly name?: string;
}

/** GraphQL multipart request specification. */
export function multipartBody(
  query: string,
  variables: Record<string, unknown>,
  files: readonly UploadFile[],
): FormData {
  const form = new FormData();
  form.set('operations', JSON.stringify({ query, variables }));
  form.set('map', JSON.stringify(Object.fromEntries(files.map(({ paths }, i) => [String(i), paths]))));
  files.forEach(({ bytes, name }, i) => form.set(String(i), new Blob([bytes]), name ?? `file-${i}`));
  return form;
}

export const PREFLIGHT = { 'apollo-require-preflight': 'true' };

export async function upload<Data>(
  url: string,
  query: string,
  variables: Record<string, unknown>,
  files: readonly UploadFile[],
  headers: Record<string, string> = {},
): Promise<Answer<Data>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { ...PREFLIGHT, ...headers },
    body: multipartBody(query, variables, files),
  });
  return toAnswer<Data>(response);
}

/** The data of an answer without errors. */
export function dataOf<Data>(answer: Answer<Data>): Data {
  if (answer.errors.length > 0 || answer.data === null)
    throw new Error(`Expected data, received ${JSON.stringify(answer.errors)}`);
  return answer.data;
}

/** A Relay connection, as far as tests ask for it. */
export interface Connection<Node> {
  readonly edges: readonly { readonly node: Node }[];
}

export const nodesOf = <Node>({ edges }: Connection<Node>): Node[] => edges.map(({ node }) => node);

export interface ImageFields {
  readonly id: string;
  readonly title: string;
  readonly url: string;
  readonly thumbnailUrl: string;
  readonly width: number;
  readonly height: number;
  readonly format: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly tags: readonly string[];
  readonly createdAt: string;
}

export interface MatchFields {
  readonly rank: number;
  readonly similarity: number;
  readonly image: ImageFields;
}

const IMAGE = 'id title url thumbnailUrl(width: 160) width height format bytes sha256 tags createdAt';
const MATCHES = `matches { rank similarity image { ${IMAGE} } }`;

export async function addToGallery(
  url: string,
  bytes: Uint8Array,
  { title, tags }: { title?: string; tags?: string[] } = {},
): Promise<{ image: ImageFields; created: boolean; repaired: boolean }> {
  const answer = await upload<{
    addToGallery: { image: ImageFields; created: boolean; repaired: boolean };
  }>(
    url,
    `mutation ($image: Upload!, $title: String, $tags: [String!]) {
      addToGallery(image: $image, title: $title, tags: $tags) { created repaired image { ${IMAGE} } }
    }`,
    { image: null, title, tags },
    [{ paths: ['variables.image'], bytes }],
  );
  return dataOf(answer).addToGallery;
}

/** @returns the ids of those that were there */
export async function removeFromGallery(url: string, ids: readonly string[]): Promise<readonly string[]> {
  const answer = await request<{ removeFromGallery: { removedIds: string[] } }>(
    url,
    'mutation ($ids: [ID!]!) { removeFromGallery(ids: $ids) { removedIds } }',
    { ids },
  );
  return dataOf(answer).removeFromGallery.removedIds;
}

export interface SearchOptions {
  readonly topK?: number;
  readonly minSimilarity?: number;
  readonly filter?: Record<string, unknown>;
}

const SEARCH = `query ($image: Upload, $imageId: ID, $topK: Int, $minSimilarity: Float, $filter: GalleryFilter) {
  searchByImage(image: $image, imageId: $imageId, topK: $topK, minSimilarity: $minSimilarity, filter: $filter) { id ${MATCHES} }
}`;

interface SearchData {
  readonly searchByImage: { readonly id: string; readonly matches: readonly MatchFields[] };
}

export function searchByImage(
  url: string,
  bytes: Uint8Array,
  options: SearchOptions = {},
  headers: Record<string, string> = {},
): Promise<Answer<SearchData>> {
  return upload<SearchData>(
    url,
    SEARCH,
    { image: null, ...options },
    [{ paths: ['variables.image'], bytes }],
    headers,
  );
}

export function searchById(
  url: string,
  imageId: string,
  options: SearchOptions = {},
  headers: Record<string, string> = {},
): Promise<Answer<SearchData>> {
  return request<SearchData>(url, SEARCH, { imageId, ...options }, headers);
}
