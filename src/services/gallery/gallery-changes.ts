import { Topic } from '../../lib/topic.js';
import type { ImageRow } from '../catalog/types.js';

export interface GalleryChange {
  readonly kind: 'ADDED' | 'REMOVED' | 'UPDATED';
  readonly ids: readonly number[];
  /** The rows as they are now; empty for REMOVED. */
  readonly images: readonly ImageRow[];
}

/** MISSED: something changed that is not listed, before the subscription began. */
export interface GalleryChangeEvent extends Omit<GalleryChange, 'kind'> {
  readonly kind: GalleryChange['kind'] | 'MISSED';
  /** Of the gallery after this change. */
  readonly revision: string;
}

/**
 * Broadcast of the gallery's changes. Each gives the gallery a new revision, so that whoever holds a list can tell
 * whether a change is in it.
 */
export class GalleryChanges {
  readonly #topic = new Topic<GalleryChangeEvent>();
  /** Begins with the time: higher than any of an earlier run of the server, and still a safe integer. */
  #revision = Date.now() * 1000;

  /** A later one comes after an earlier one as text. A list read after this was has every change up to it. */
  get revision(): string {
    return String(this.#revision);
  }

  /** Once the change is in the catalog. */
  publish(change: GalleryChange): void {
    this.#revision += 1;
    this.#topic.publish({ ...change, revision: this.revision });
  }

  /** @param since when the gallery has another revision by now, the first event is MISSED */
  subscribe(since?: string): AsyncIterableIterator<GalleryChangeEvent> {
    const { revision } = this;
    const missed: GalleryChangeEvent = { kind: 'MISSED', ids: [], images: [], revision };
    return this.#topic.subscribe({ first: since === undefined || since === revision ? [] : [missed] });
  }

  close(): void {
    this.#topic.close();
  }
}
