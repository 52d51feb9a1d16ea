import { Topic } from '../../lib/topic.js';
import type { AlbumRow } from '../catalog/album-types.js';

export interface AlbumChange {
  readonly kind: 'CREATED' | 'UPDATED' | 'DELETED';
  readonly id: number;
  /** As it is now; null for DELETED. */
  readonly album: AlbumRow | null;
}

/** MISSED: something changed that is not listed, before the subscription began. */
export interface AlbumChangeEvent {
  readonly kind: AlbumChange['kind'] | 'MISSED';
  readonly id: number | null;
  readonly album: AlbumRow | null;
  /** Of the albums after this change. */
  readonly revision: string;
}

/** Broadcast of the changes of albums, with a revision as that of the gallery. */
export class AlbumChanges {
  readonly #topic = new Topic<AlbumChangeEvent>();
  /** Begins with the time: higher than any of an earlier run of the server, and still a safe integer. */
  #revision = Date.now() * 1000;

  get revision(): string {
    return String(this.#revision);
  }

  /** Once the change is in the catalog. */
  publish(change: AlbumChange): void {
    this.#revision += 1;
    this.#topic.publish({ ...change, revision: this.revision });
  }

  /** @param since when the albums have another revision by now, the first event is MISSED */
  subscribe(since?: string): AsyncIterableIterator<AlbumChangeEvent> {
    const { revision } = this;
    const missed: AlbumChangeEvent = { kind: 'MISSED', id: null, album: null, revision };
    return this.#topic.subscribe({ first: since === undefined || since === revision ? [] : [missed] });
  }

  close(): void {
    this.#topic.close();
  }
}
