import type { DocumentNode } from 'graphql';

/** Total characters of the cached documents; parsed, each takes about a hundred bytes. */
const MAX_CHARACTERS = 200_000;
/** Longer documents are not cached. */
const MAX_ONE = 20_000;

/** Documents that passed the gate, by their text; the least recently used are dropped first. */
export class DocumentCache {
  readonly #documents = new Map<string, DocumentNode>();
  #characters = 0;

  get(query: string): DocumentNode | undefined {
    const document = this.#documents.get(query);
    if (document === undefined) return undefined;
    this.#documents.delete(query);
    this.#documents.set(query, document);
    return document;
  }

  put(query: string, document: DocumentNode): void {
    if (query.length > MAX_ONE || this.#documents.has(query)) return;
    this.#documents.set(query, document);
    this.#characters += query.length;
    for (const oldest of this.#documents.keys()) {
      if (this.#characters <= MAX_CHARACTERS) return;
      this.#documents.delete(oldest);
      this.#characters -= oldest.length;
    }
  }
}
