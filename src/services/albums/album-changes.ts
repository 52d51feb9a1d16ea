import { Topic } from '../../lib/topic.js';
import type { AlbumRow } from '../catalog/album-types.js';

export interface AlbumChange {
  readonly kind: 'CREATED' | 'UPDATED' | 'DELETED';
  readonly id: number;
  /** The current album; null for DELETED. */
  readonly album: AlbumRow | null;
}

/** MISSED: there were changes before the subscription began; they are not listed. */
export interface AlbumChangeEvent {
  readonly kind: AlbumChange['kind'] | 'MISSED';
  readonly id: number | null;
  readonly album: AlbumRow | null;
  /** Revision of the albums after this change. */
  readonly revision: string;
}

/** Broadcasts changes of albums, with revisions like those of the gallery. */
export class AlbumChanges {
  readonly #topic = new Topic<AlbumChangeEvent>();
  /** Starts from the time: higher than in any earlier run of the server, and still a safe integer. */
  #revision = Date.now() * 1000;

  get revision(): string {
    return String(this.#revision);
  }

  /** Call this once the change is in the catalog. */
  publish(change: AlbumChange): void {
    this.#revision += 1;
    this.#topic.publish({ ...change, revision: this.revision });
  }

  /** @param since if the albums have another revision now, the first event is MISSED */
  subscribe(since?: string): AsyncIterableIterator<AlbumChangeEvent> {
    const { revision } = this;
    const missed: AlbumChangeEvent = { kind: 'MISSED', id: null, album: null, revision };
    return this.#topic.subscribe({ first: since === undefined || since === revision ? [] : [missed] });
  }

  close(): void {
    this.#topic.close();
  }
}
