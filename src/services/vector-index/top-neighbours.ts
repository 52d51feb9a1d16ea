import type { Neighbour } from './vector-index.js';

/**
 * Keeps the `k` best of a stream of neighbours, in a binary heap whose root is the worst one kept. A higher cosine is
 * better, then a smaller label, so that the result does not depend on the order of the stream.
 */
export class TopNeighbours {
  readonly #k: number;
  readonly #cosines: number[] = [];
  readonly #labels: number[] = [];

  constructor(k: number) {
    this.#k = k;
  }

  offer(label: number, cosine: number): void {
    const size = this.#labels.length;
    if (size < this.#k) {
      this.#cosines.push(cosine);
      this.#labels.push(label);
      this.#siftUp(size);
    } else if (size > 0 && this.#isWorse(0, label, cosine)) {
      this.#cosines[0] = cosine;
      this.#labels[0] = label;
      this.#siftDown();
    }
  }

  /** Neighbours with a lower cosine are no longer kept. */
  get least(): number {
    return this.#labels.length < this.#k ? -Infinity : this.#cosines[0]!;
  }

  /** Best first. */
  sorted(): Neighbour[] {
    return this.#labels
      .map((label, i) => ({ label, cosine: this.#cosines[i]! }))
      .sort((a, b) => b.cosine - a.cosine || a.label - b.label);
  }

  #isWorse(at: number, label: number, cosine: number): boolean {
    const kept = this.#cosines[at]!;
    return kept < cosine || (kept === cosine && this.#labels[at]! > label);
  }

  #swap(i: number, j: number): void {
    const cosine = this.#cosines[i]!;
    const label = this.#labels[i]!;
    this.#cosines[i] = this.#cosines[j]!;
    this.#labels[i] = this.#labels[j]!;
    this.#cosines[j] = cosine;
    this.#labels[j] = label;
  }

  #siftUp(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#isWorse(parent, this.#labels[at]!, this.#cosines[at]!)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #siftDown(): void {
    const size = this.#labels.length;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= size) return;
      const right = left + 1;
      const worse =
        right < size && this.#isWorse(right, this.#labels[left]!, this.#cosines[left]!) ? right : left;
      if (this.#isWorse(at, this.#labels[worse]!, this.#cosines[worse]!)) return;
      this.#swap(at, worse);
      at = worse;
    }
  }
}
