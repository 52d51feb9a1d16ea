import { failure, toFailure, type Failure } from '../../../api/errors';

export type UploadState = 'waiting' | 'sending' | 'working' | 'added' | 'duplicate' | 'failed' | 'cancelled';

export interface Upload {
  readonly id: number;
  readonly file: File;
  readonly tags: readonly string[];
  readonly state: UploadState;
  /** Share of the file that has been sent. */
  readonly progress: number;
  readonly failure: Failure | null;
  readonly attempts: number;
}

/** Why the queue is paused. */
export interface Pause {
  readonly reason: 'busy' | 'offline';
  /** When it continues, in milliseconds since 1970; null: when the server is back. */
  readonly until: number | null;
}

export interface QueueSnapshot {
  readonly uploads: readonly Upload[];
  readonly counts: Readonly<Record<UploadState, number>>;
  /** Whether there is anything left to do. */
  readonly active: boolean;
  readonly pause: Pause | null;
}

export const mayPass = ({ state, failure }: Upload): boolean =>
  state === 'failed' && failure?.retryable === true;

export interface UploadTransport {
  /** Sends a file. @returns whether it was new */
  send(
    upload: Upload,
    options: { readonly signal: AbortSignal; readonly onProgress: (share: number) => void },
  ): Promise<{ readonly created: boolean }>;
  /** Calls back once, when the server answers again. @returns a function that cancels it */
  whenBack(listener: () => void): () => void;
  isReachable(): boolean;
}

const AT_ONCE = 3;
const MAX_ATTEMPTS = 4;
const DEFAULT_PAUSE_MS = 2000;

/** Not this picture's fault: it is tried again automatically. */
const WAITS = new Set(['SERVER_BUSY', 'RATE_LIMITED', 'SHUTTING_DOWN']);
/** Possibly this picture's fault: tried again a few times. */
const TRIES_AGAIN = new Set(['NETWORK', 'REQUEST_TIMEOUT']);

/**
 * Sends files a few at a time. It does not belong to a page, so it continues whatever page is open; it knows neither
 * React nor Apollo.
 */
export class UploadQueue {
  readonly #transport: UploadTransport;
  readonly #listeners = new Set<() => void>();
  readonly #running = new Map<number, AbortController>();
  #uploads: Upload[] = [];
  #positions = new Map<number, number>();
  #snapshot: QueueSnapshot = snapshotOf([], null);
  #pause: Pause | null = null;
  #endPause: (() => void) | null = null;
  #nextId = 1;
  #publishing = false;

  constructor(transport: UploadTransport) {
    this.#transport = transport;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getSnapshot = (): QueueSnapshot => this.#snapshot;

  /** @param maxBytes files that are larger fail at once, without being sent; null when it is not known */
  add(files: readonly File[], tags: readonly string[], maxBytes: number | null): void {
    for (const file of files) {
      const tooLarge = maxBytes !== null && file.size > maxBytes;
      const id = this.#nextId++;
      this.#positions.set(id, this.#uploads.length);
      this.#uploads.push({
        id,
        file,
        tags,
        state: tooLarge ? 'failed' : 'waiting',
        progress: 0,
        failure: tooLarge ? tooLargeFailure(file.size, maxBytes) : null,
        attempts: 0,
      });
    }
    this.#changed();
    this.#fill();
  }

  cancel(id: number): void {
    const upload = this.#get(id);
    if (upload === undefined || !isOpen(upload)) return;
    this.#set(id, { state: 'cancelled' });
    this.#running.get(id)?.abort();
  }

  cancelAll(): void {
    for (const upload of this.#uploads) if (isOpen(upload)) this.cancel(upload.id);
  }

  retry(id: number): void {
    const upload = this.#get(id);
    if (upload === undefined || (upload.state !== 'failed' && upload.state !== 'cancelled')) return;
    this.#set(id, { state: 'waiting', progress: 0, failure: null, attempts: 0 });
    this.#fill();
  }

  /** Those that may succeed when they are sent again. */
  retryFailed(): void {
    for (const upload of this.#uploads) if (mayPass(upload)) this.retry(upload.id);
  }

  /** Forgets what is finished. */
  clear(): void {
    this.#uploads = this.#uploads.filter(isOpen);
    this.#positions = new Map(this.#uploads.map(({ id }, position) => [id, position]));
    this.#changed();
  }

  #get(id: number): Upload | undefined {
    const position = this.#positions.get(id);
    return position === undefined ? undefined : this.#uploads[position];
  }

  #set(id: number, fields: Partial<Upload>): void {
    const position = this.#positions.get(id);
    const upload = this.#get(id);
    if (position === undefined || upload === undefined) return;
    this.#uploads[position] = { ...upload, ...fields };
    this.#changed();
  }

  /** Listeners hear of many changes at once: progress comes more often than a page is painted. */
  #changed(): void {
    if (this.#publishing) return;
    this.#publishing = true;
    setTimeout(() => {
      this.#publishing = false;
      this.#snapshot = snapshotOf([...this.#uploads], this.#pause);
      for (const listener of this.#listeners) listener();
    }, 50);
  }

  #fill(): void {
    if (this.#pause !== null) return;
    for (const upload of this.#uploads) {
      if (this.#running.size >= AT_ONCE) return;
      if (upload.state === 'waiting' && !this.#running.has(upload.id)) void this.#run(upload);
    }
  }

  async #run(upload: Upload): Promise<void> {
    const { id } = upload;
    const abort = new AbortController();
    this.#running.set(id, abort);
    this.#set(id, { state: 'sending', progress: 0 });
    try {
      const { created } = await this.#transport.send(upload, {
        signal: abort.signal,
        onProgress: (share) => {
          if (!abort.signal.aborted)
            this.#set(id, { progress: share, state: share < 1 ? 'sending' : 'working' });
        },
      });
      // Cancelled too late: it has arrived, and says so.
      this.#set(id, { state: created ? 'added' : 'duplicate', progress: 1 });
    } catch (error) {
      if (!abort.signal.aborted) await this.#failed(upload, error);
    } finally {
      this.#running.delete(id);
      this.#fill();
    }
  }

  async #failed({ id, file }: Upload, error: unknown): Promise<void> {
    const known = toFailure(error);
    const attempts = (this.#get(id)?.attempts ?? 0) + 1;
    const { code, details } = known;
    if (WAITS.has(code)) {
      const wait = details['retryAfterMs'];
      this.#pauseFor('busy', typeof wait === 'number' ? wait : DEFAULT_PAUSE_MS);
      this.#set(id, { state: 'waiting', progress: 0 });
    } else if (code === 'NETWORK' && !(await isReadable(file))) {
      this.#set(id, { state: 'failed', failure: failure('FILE_GONE') });
    } else if (this.#get(id)?.state === 'cancelled') {
      return;
    } else if (TRIES_AGAIN.has(code) && attempts < MAX_ATTEMPTS) {
      if (code === 'NETWORK') this.#pauseFor('offline', null);
      this.#set(id, { state: 'waiting', progress: 0, attempts });
    } else {
      this.#set(id, { state: 'failed', failure: known, attempts });
    }
  }

  #pauseFor(reason: Pause['reason'], ms: number | null): void {
    if (ms === null && this.#transport.isReachable()) {
      // The connection broke, but the server is there: only a moment.
      this.#pauseFor('busy', DEFAULT_PAUSE_MS);
      return;
    }
    const until = ms === null ? null : Date.now() + ms;
    const longer =
      this.#pause === null || (this.#pause.until !== null && (until === null || until > this.#pause.until));
    if (!longer) return;
    this.#endPause?.();
    this.#pause = { reason, until };
    const goOn = (): void => {
      this.#endPause?.();
      this.#endPause = null;
      this.#pause = null;
      this.#changed();
      this.#fill();
    };
    if (ms === null) this.#endPause = this.#transport.whenBack(goOn);
    else {
      const timer = setTimeout(goOn, ms);
      this.#endPause = () => clearTimeout(timer);
    }
    this.#changed();
  }
}

export function isOpen({ state }: Upload): boolean {
  return state === 'waiting' || state === 'sending' || state === 'working';
}

function snapshotOf(uploads: readonly Upload[], pause: Pause | null): QueueSnapshot {
  const counts = { waiting: 0, sending: 0, working: 0, added: 0, duplicate: 0, failed: 0, cancelled: 0 };
  for (const { state } of uploads) counts[state]++;
  return { uploads, counts, active: counts.waiting + counts.sending + counts.working > 0, pause };
}

function tooLargeFailure(actual: number, limit: number): Failure {
  return { ...failure('IMAGE_TOO_LARGE'), details: { limit, actual, unit: 'bytes' } };
}

/** A file that was moved or changed since it was chosen cannot be read; the browser only says that sending failed. */
const isReadable = (file: File): Promise<boolean> =>
  file
    .slice(0, 1)
    .arrayBuffer()
    .then(
      () => true,
      () => false,
    );
