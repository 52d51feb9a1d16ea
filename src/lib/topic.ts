/** Maximum number of events that wait for a slow subscriber; above it the oldest are dropped, since newest state counts. */
const BUFFER = 1000;

export interface SubscribeOptions<Event> {
  readonly passes?: (event: Event) => boolean;
  /** Delivered before anything published. */
  readonly first?: readonly Event[];
  /** The subscription ends after such an event. */
  readonly isLast?: (event: Event) => boolean;
}

/**
 * Broadcast of events inside one process. A subscriber is an async iterator with a bounded buffer of its own,
 * ended by `return()` (which `for await … break` and GraphQL subscriptions call) or by `close()`.
 */
export class Topic<Event> {
  readonly #subscribers = new Set<Subscriber<Event>>();
  #closed = false;

  publish(event: Event): void {
    for (const subscriber of this.#subscribers) subscriber.push(event);
  }

  /** Events published from now on that pass the filter. */
  subscribe(options: SubscribeOptions<Event> = {}): AsyncIterableIterator<Event> {
    const subscriber = new Subscriber<Event>(options, () => this.#subscribers.delete(subscriber));
    this.#subscribers.add(subscriber);
    for (const event of options.first ?? []) subscriber.push(event);
    if (this.#closed) subscriber.end();
    return subscriber;
  }

  close(): void {
    this.#closed = true;
    for (const subscriber of [...this.#subscribers]) subscriber.end();
  }
}

class Subscriber<Event> implements AsyncIterableIterator<Event> {
  readonly #events: Event[] = [];
  readonly #options: SubscribeOptions<Event>;
  readonly #leave: () => void;
  #waiting: ((result: IteratorResult<Event>) => void) | null = null;
  #ended = false;

  constructor(options: SubscribeOptions<Event>, leave: () => void) {
    this.#options = options;
    this.#leave = leave;
  }

  push(event: Event): void {
    if (this.#ended || this.#options.passes?.(event) === false) return;
    if (this.#waiting !== null) {
      this.#waiting({ done: false, value: event });
      this.#waiting = null;
    } else {
      if (this.#events.length === BUFFER) this.#events.shift();
      this.#events.push(event);
    }
    if (this.#options.isLast?.(event)) this.end();
  }

  /** Buffered events are still delivered. */
  end(): void {
    this.#ended = true;
    this.#leave();
    this.#waiting?.({ done: true, value: undefined });
    this.#waiting = null;
  }

  next(): Promise<IteratorResult<Event>> {
    const event = this.#events.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  return(): Promise<IteratorResult<Event>> {
    this.#events.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
