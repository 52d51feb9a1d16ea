/** GraphQL over HTTP, uploads as multipart requests (https://github.com/jaydenseric/graphql-multipart-request-spec). */

const PROTOCOL_CODES = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_REQUEST',
]);

/** A failure with the server's code, or NETWORK (no answer), PROTOCOL (not understood), UNKNOWN (no code). */
export class ApiError extends Error {
  constructor(code, { details = {}, errorId = null, retryable = false } = {}) {
    super(code);
    this.code = PROTOCOL_CODES.has(code) ? 'PROTOCOL' : code;
    this.details = details;
    this.errorId = errorId;
    this.retryable = retryable;
  }
}

/** A body for the query; `variables.image` may be a File. */
function bodyOf(query, variables) {
  if (!(variables.image instanceof Blob)) return JSON.stringify({ query, variables });
  const form = new FormData();
  form.set('operations', JSON.stringify({ query, variables: { ...variables, image: null } }));
  form.set('map', JSON.stringify({ 0: ['variables.image'] }));
  form.set('0', variables.image, variables.image.name ?? 'picture');
  return form;
}

/** @throws ApiError, or the AbortError of `signal` */
async function graphql(query, variables = {}, signal = undefined) {
  const body = bodyOf(query, variables);
  let answer;
  try {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: {
        accept: 'application/json',
        // A foreign page cannot send it without asking first, which is what keeps such pages out.
        'apollo-require-preflight': 'true',
        ...(typeof body === 'string' && { 'content-type': 'application/json' }),
      },
      body,
      signal,
    });
    answer = await response.json();
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(error instanceof SyntaxError ? 'UNKNOWN' : 'NETWORK', { retryable: true });
  }
  const [failure] = answer.errors ?? [];
  if (failure) throw new ApiError(failure.extensions?.code ?? 'UNKNOWN', failure.extensions);
  if (!answer.data) throw new ApiError('UNKNOWN');
  return answer.data;
}

const IMAGE = `id title url small: thumbnailUrl(width: 320) large: thumbnailUrl(width: 640) width height tags sha256`;

const STATUS = `{ status {
  gallerySize
  model { id description }
  limits { maxUploadBytes maxTopK }
  jobs { state done total }
} }`;

const SEARCH = `query Search($image: Upload, $imageId: ID, $topK: Int!) {
  searchByImage(image: $image, imageId: $imageId, topK: $topK) {
    matches { rank similarity image { ${IMAGE} } }
    analysis { width height format bytes sha256 timings { decodeMs embedMs searchMs totalMs } }
  }
}`;

const PICTURE = `query Picture($id: ID!) { galleryImage(id: $id) { ${IMAGE} } }`;

const NEWEST = `{ galleryImages(first: 12) { edges { node { ${IMAGE} } } } }`;

const ADD = `mutation Add($image: Upload!, $title: String) {
  addToGallery(image: $image, title: $title) { created image { id } }
}`;

export const fetchStatus = async () => (await graphql(STATUS)).status;

/** `source` is `{ image: File }` or `{ imageId }`. */
export const search = async (source, topK, signal) =>
  (await graphql(SEARCH, { ...source, topK }, signal)).searchByImage;

/** Null when there is none. */
export const fetchPicture = async (id, signal) => (await graphql(PICTURE, { id }, signal)).galleryImage;

export const fetchNewest = async () => (await graphql(NEWEST)).galleryImages.edges.map(({ node }) => node);

export const addToGallery = async (image, title) => (await graphql(ADD, { image, title })).addToGallery;
