import { scaleOf, type SimilarityScale } from '../embedding/similarity-scale.js';
import type { Space } from './spaces.js';
import { cosineAt } from '../vector-index/cosine.js';
import { Pacer } from '../../lib/pacer.js';
import type { VectorIndex } from '../vector-index/vector-index.js';

/** Fewer vectors say little about similarities in general; the model's own table is used instead. */
const MIN_VECTORS = 64;
/** Random pairs per measurement; they estimate the share 0.999 to within about a fifth. */
const PAIRS = 20_000;
/** Pairs whose vectors are read in one call. */
const PAIRS_AT_ONCE = 100;
/** Pairs above this cosine are copies, which say nothing about different pictures. */
const TWINS = 0.9999;
/** With fewer pairs of different pictures, the measurement is discarded. */
const MIN_PAIRS = 500;
/** A gallery is measured again after growing or shrinking by this share. */
const CHANGE = 0.2;

interface Measured {
  /** Number of vectors at that time. */
  readonly size: number;
  readonly scale: SimilarityScale | null;
}

/** Measures in the background what a similarity means in each space, from the space's own vectors. */
export class SimilarityScales {
  readonly #known = new WeakMap<VectorIndex, Measured>();
  readonly #underWay = new WeakMap<VectorIndex, Promise<Measured>>();

  /**
   * The first call for a space waits for the measurement (about 20 ms). Later calls return the existing one, and start
   * another if the gallery has changed much.
   * @returns null if there are too few pictures and the model has no table
   */
  async of({ index, model }: Space): Promise<SimilarityScale | null> {
    const prior = model.similarityScale ?? null;
    const size = await index.size();
    if (size < MIN_VECTORS) return prior;
    const known = this.#known.get(index);
    if (known === undefined) return (await this.#measure(index)).scale ?? prior;
    if (Math.abs(size - known.size) > CHANGE * known.size) this.#measure(index).catch(() => {}); // the index was closed meanwhile
    return known.scale ?? prior;
  }

  #measure(index: VectorIndex): Promise<Measured> {
    let measuring = this.#underWay.get(index);
    if (measuring === undefined) {
      measuring = measure(index).then((measured) => {
        this.#known.set(index, measured);
        return measured;
      });
      this.#underWay.set(index, measuring);
      void measuring.catch(() => {}).finally(() => this.#underWay.delete(index));
    }
    return measuring;
  }
}

async function measure(index: VectorIndex): Promise<Measured> {
  const labels = await index.labels();
  const pacer = new Pacer();
  const random = generator(labels.length);
  const cosines: number[] = [];
  for (let tries = 0; tries < 2 * PAIRS && cosines.length < PAIRS; tries += PAIRS_AT_ONCE) {
    const pairs = Array.from({ length: PAIRS_AT_ONCE }, (): readonly [number, number] => [
      labels[random(labels.length)]!,
      labels[random(labels.length)]!,
    ]);
    const vectors = await index.vectors(pairs.flat());
    for (const [a, b] of pairs) {
      const [va, vb] = a === b ? [] : [vectors.get(a), vectors.get(b)];
      if (va === undefined || vb === undefined) continue; // the same picture, or removed meanwhile
      const cosine = cosineAt(va, 0, vb);
      if (cosine < TWINS) cosines.push(cosine);
    }
    if (pacer.due) await pacer.rest();
  }
  return {
    size: labels.length,
    scale: cosines.length < MIN_PAIRS ? null : scaleOf(cosines.slice(0, PAIRS)),
  };
}

/** Whole numbers below a bound, the same for each seed (multiplicative congruential, Park and Miller 1988). */
function generator(seed: number): (below: number) => number {
  let state = (seed % 2_147_483_646) + 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}
