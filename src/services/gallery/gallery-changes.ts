import { Topic } from '../../lib/topic.js';
import type { ImageRow } from '../catalog/types.js';

export interface GalleryChange {
  readonly kind: 'ADDED' | 'REMOVED' | 'UPDATED';
  readonly ids: readonly number[];
  /** The rows as they are now; empty for REMOVED. */
  readonly images: readonly ImageRow[];
}

/** MISSED: there were changes before the subscription began; they are not listed. */
export interface GalleryChangeEvent extends Omit<GalleryChange, 'kind'> {
  readonly kind: GalleryChange['kind'] | 'MISSED';
  /** Revision of the gallery after this change. */
  readonly revision: string;
}

/**
 * Broadcasts the gallery's changes. Each change gives the gallery a new revision, which shows whether a list includes
 * the change.
 */
export class GalleryChanges {
  readonly #topic = new Topic<GalleryChangeEvent>();
  /** Starts from the time: higher than in any earlier run of the server, and still a safe integer. */
  #revision = Date.now() * 1000;

  /** Later revisions sort after earlier ones as text. A list read after getting this includes every change up to it. */
  get revision(): string {
    return String(this.#revision);
  }

  /** Call this once the change is in the catalog. */
  publish(change: GalleryChange): void {
    this.#revision += 1;
    this.#topic.publish({ ...change, revision: this.revision });
  }

  /** @param since if the gallery has another revision now, the first event is MISSED */
  subscribe(since?: string): AsyncIterableIterator<GalleryChangeEvent> {
    const { revision } = this;
    const missed: GalleryChangeEvent = { kind: 'MISSED', ids: [], images: [], revision };
    return this.#topic.subscribe({ first: since === undefined || since === revision ? [] : [missed] });
  }

  close(): void {
    this.#topic.close();
  }
}
