/** A seeded generator (mulberry32 by Tommy Ettinger over an FNV-1a hash of the seed text): same seed, same picture. */
export function createRandom(seed) {
  let state = 0x811c9dc5;
  for (const byte of Buffer.from(seed)) state = Math.imul(state ^ byte, 0x01000193);

  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const range = (min, max) => min + (max - min) * next();
  const int = (min, max) => Math.floor(range(min, max + 1));
  return {
    next,
    range,
    int,
    chance: (probability) => next() < probability,
    pick: (items) => items[Math.floor(next() * items.length)],
    /** Mean 0, deviation about 1 (sum of uniforms). */
    bell: () => (next() + next() + next() + next() - 2) * Math.sqrt(3),
    times: (count, make) => Array.from({ length: count }, (_, index) => make(index)),
    shuffle: (items) => {
      const copy = [...items];
      for (let i = copy.length - 1; i > 0; i--) {
        const j = int(0, i);
        [copy[i], copy[j]] = [copy[j], copy[i]];
      }
      return copy;
    },
  };
}

/** Smooth noise along a line, in -1..1: cosine-interpolated random values, summed over octaves. */
export function createNoise(random) {
  const values = random.times(512, () => random.range(-1, 1));
  const smooth = (x) => {
    const cell = Math.floor(x);
    const t = (1 - Math.cos((x - cell) * Math.PI)) / 2;
    return values[cell & 511] * (1 - t) + values[(cell + 1) & 511] * t;
  };
  return (x, octaves = 4, gain = 0.5) => {
    let sum = 0;
    let weight = 1;
    let total = 0;
    for (let octave = 0; octave < octaves; octave++) {
      sum += smooth(x * 2 ** octave + octave * 37.3) * weight;
      total += weight;
      weight *= gain;
    }
    return sum / total;
  };
}
