import { cpus } from 'node:os';

export function percentile(values, p) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((p / 100) * sorted.length))];
}

/** Times `run(i)` for `count` calls by `clients` concurrent clients, after `warmup` calls that do not count. */
export async function load(run, { count, clients = 1, warmup = 3 }) {
  for (let i = 0; i < warmup; i++) await run(i);
  const times = [];
  let next = 0;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (let i; (i = next++) < count;) {
        const t = performance.now();
        await run(i);
        times.push(performance.now() - t);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  return {
    p50: percentile(times, 50),
    p99: percentile(times, 99),
    mean: times.reduce((a, b) => a + b) / times.length,
    perSecond: count / seconds,
  };
}

export const machine = () =>
  `${cpus()[0].model.trim()}, ${cpus().length} cores, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`;

export const round = (value, digits = 2) => Number(value.toFixed(digits));

/** Deterministic normal deviates by Box and Muller over a linear congruential generator. */
export function gaussian(seed) {
  let state = seed >>> 0;
  const uniform = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) + 1) / 4294967297;
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** `count` unit vectors around `clusters` centres, distributed like embeddings of pictures. */
export function* clusteredVectors(count, dimension, { clusters = 200, spread = 0.8, seed = 1 } = {}) {
  const normal = gaussian(seed);
  const centers = Array.from({ length: clusters }, () => Float32Array.from({ length: dimension }, normal));
  for (let i = 0; i < count; i++) {
    const center = centers[i % clusters];
    const vector = Float32Array.from(center, (value) => value + spread * normal());
    const norm = Math.hypot(...vector);
    yield vector.map((value) => value / norm);
  }
}
