/** `fetch` does not report how much of a body has been sent; where that is needed, XMLHttpRequest is used. */
export interface ProgressInit extends RequestInit {
  /** Called with the share of the body that has been sent, 0 to 1. */
  readonly onUploadProgress?: (share: number) => void;
}

export function fetchWithProgress(input: RequestInfo | URL, init: ProgressInit = {}): Promise<Response> {
  const { onUploadProgress, ...rest } = init;
  if (onUploadProgress === undefined) return fetch(input, rest);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(rest.method ?? 'POST', input instanceof Request ? input.url : String(input));
    request.responseType = 'text';
    new Headers(rest.headers).forEach((value, name) => request.setRequestHeader(name, value));
    request.upload.onprogress = ({ loaded, total, lengthComputable }) => {
      if (lengthComputable) onUploadProgress(loaded / total);
    };
    request.onload = () =>
      resolve(
        new Response(request.responseText, {
          status: request.status,
          statusText: request.statusText,
          headers: { 'content-type': request.getResponseHeader('content-type') ?? '' },
        }),
      );
    request.onerror = () => reject(new TypeError('Failed to fetch'));
    request.onabort = () => reject(new DOMException('The upload was stopped.', 'AbortError'));
    rest.signal?.addEventListener('abort', () => request.abort(), { once: true });
    if (rest.signal?.aborted === true) request.abort();
    else request.send(rest.body as XMLHttpRequestBodyInit);
  });
}
