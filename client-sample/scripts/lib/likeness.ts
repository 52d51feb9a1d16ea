import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';

/** An error that the server names by a code: see docs/errors.md. */
export class LikenessError extends Error {
  readonly code: string;
  /** When the same request may succeed again; null when it will not. */
  readonly retryAfterMs: number | null;

  constructor(message: string, code: string, retryAfterMs: number | null) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** A picture file as a variable of type Upload. */
export const pictureFile = async (path: string): Promise<File> =>
  new File([await openAsBlob(path)], basename(path));

interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly code?: string; readonly details?: { readonly retryAfterMs?: number } };
  }[];
}

/** Root fields are null only beside an error that says why, and what has one is thrown. */
type Answered<Data> = { readonly [Field in keyof Data]-?: NonNullable<Data[Field]> };

const RETRYABLE = new Set(['RATE_LIMITED', 'SERVER_BUSY', 'REQUEST_TIMEOUT']);
const ATTEMPTS = 6;

/** Talks to a Likeness server. What is refused for the moment only is sent again after the time the server names. */
export class Likeness {
  readonly #endpoint: string;

  /** @param url of the server, e.g. http://127.0.0.1:4000 */
  constructor(url: string) {
    this.#endpoint = new URL('/graphql', url).href;
  }

  async request<Data, Variables extends Record<string, unknown>>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<Answered<Data>> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#send(print(document), variables);
      } catch (error) {
        const wait = error instanceof LikenessError ? error.retryAfterMs : null;
        if (wait === null || attempt === ATTEMPTS) throw error;
        await delay(wait * attempt);
      }
    }
  }

  async #post(init: RequestInit): Promise<Response> {
    try {
      return await fetch(this.#endpoint, { method: 'POST', ...init });
    } catch (error) {
      throw new Error(`No server answers at ${this.#endpoint}.`, { cause: error });
    }
  }

  /** Files among the variables make it a multipart request: https://github.com/jaydenseric/graphql-multipart-request-spec */
  async #send<Data>(query: string, variables: Record<string, unknown>): Promise<Answered<Data>> {
    const files: File[] = [];
    const map: Record<string, readonly string[]> = {};
    const withoutFiles = (value: unknown, path: string): unknown => {
      if (value instanceof File) {
        map[String(files.length)] = [path];
        files.push(value);
        return null;
      }
      return Array.isArray(value) ? value.map((item, i) => withoutFiles(item, `${path}.${i}`)) : value;
    };
    const plain = Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, withoutFiles(value, `variables.${name}`)]),
    );
    const operations = JSON.stringify({ query, variables: plain });

    let body: FormData | string = operations;
    if (files.length > 0) {
      body = new FormData();
      body.append('operations', operations);
      body.append('map', JSON.stringify(map));
      files.forEach((file, i) => (body as FormData).append(String(i), file, file.name));
    }
    const response = await this.#post({
      headers: {
        'apollo-require-preflight': 'true',
        ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}),
      },
      body,
    });
    const answer = (await response.json()) as Answer<Data>;
    const [error] = answer.errors ?? [];
    if (error !== undefined) {
      const code = error.extensions?.code ?? 'UNKNOWN';
      const wait = RETRYABLE.has(code) ? (error.extensions?.details?.retryAfterMs ?? 1000) : null;
      throw new LikenessError(error.message, code, wait);
    }
    if (answer.data == null || Object.values(answer.data).includes(null))
      throw new LikenessError(`The server answered ${response.status}.`, 'UNKNOWN', null);
    return answer.data as Answered<Data>;
  }
}
