/** Most events that wait for one slow subscriber; beyond it the oldest go, newest state wins. */
const BUFFER = 1000;

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

  /** Events published from now on that pass; `first`, when given, come before them. */
  subscribe(
    passes: (event: Event) => boolean = () => true,
    first: readonly Event[] = [],
  ): AsyncIterableIterator<Event> {
    const subscriber = new Subscriber<Event>(passes, () => this.#subscribers.delete(subscriber));
    for (const event of first) subscriber.push(event);
    if (this.#closed) subscriber.end();
    else this.#subscribers.add(subscriber);
    return subscriber;
  }

  close(): void {
    this.#closed = true;
    for (const subscriber of [...this.#subscribers]) subscriber.end();
  }
}

class Subscriber<Event> implements AsyncIterableIterator<Event> {
  readonly #events: Event[] = [];
  readonly #passes: (event: Event) => boolean;
  readonly #leave: () => void;
  #waiting: ((result: IteratorResult<Event>) => void) | null = null;
  #ended = false;

  constructor(passes: (event: Event) => boolean, leave: () => void) {
    this.#passes = passes;
    this.#leave = leave;
  }

  push(event: Event): void {
    if (this.#ended || !this.#passes(event)) return;
    if (this.#waiting !== null) {
      const resolve = this.#waiting;
      this.#waiting = null;
      resolve({ done: false, value: event });
      return;
    }
    if (this.#events.length === BUFFER) this.#events.shift();
    this.#events.push(event);
  }

  /** What is buffered is still delivered. */
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
