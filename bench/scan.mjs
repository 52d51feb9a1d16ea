/** A scan of all vectors beside the mere reading of as many bytes; by turns, since other programs disturb both. */
import { ExactSearch } from '../dist/services/vector-index/exact-search.js';
import { FlatStore } from '../dist/services/vector-index/flat-store.js';
import { PlainRows } from '../dist/services/vector-index/row-memory.js';
import { clusteredVectors, machine, percentile, round } from './lib/measure.mjs';
import { bytesToRead } from './lib/read-bytes.mjs';

const COUNT = Number(process.argv[2] ?? 20_000);
const DIMENSION = 768;
const K = 10;

console.log(machine());
for (const count of [COUNT, 5 * COUNT]) {
  const all = [...clusteredVectors(count, DIMENSION)];
  const scans = [new FlatStore(DIMENSION), new FlatStore(DIMENSION, () => new PlainRows(DIMENSION))].map(
    (store) => {
      all.forEach((vector, i) => store.add(i + 1, vector));
      return new ExactSearch(store, Infinity);
    },
  );
  const [simd, plain] = scans;
  for (let i = 0; i < 10; i++) {
    const [a, b] = [await simd.nearest(all[i * 97], K), await plain.nearest(all[i * 97], K)];
    if (JSON.stringify(a) !== JSON.stringify(b)) throw new Error('The two scans differ.');
  }
  const read = bytesToRead(Math.min(count * DIMENSION * 4, 2 ** 28));
  const share = Math.min(1, 2 ** 28 / (count * DIMENSION * 4));
  const times = { read: [], simd: [], plain: [] };
  const timed = async (name, run, rounds) => {
    for (let i = 0; i < rounds; i++) {
      const start = performance.now();
      await run(i);
      times[name].push(performance.now() - start);
    }
  };
  for (let turn = 0; turn < 10; turn++) {
    await timed('read', read, 5);
    await timed('simd', (i) => simd.nearest(all[(turn * 31 + i * 7) % count], K), 5);
    await timed('plain', (i) => plain.nearest(all[(turn * 31 + i * 7) % count], K), 2);
  }
  const readMs = percentile(times.read, 50) / share;
  const [simdMs, plainMs] = [percentile(times.simd, 50), percentile(times.plain, 50)];
  console.table([
    {
      vectors: count,
      'read the bytes p50 ms': round(readMs),
      'GB/s': round((count * DIMENSION * 4) / readMs / 1e6, 1),
      'scan p50 ms': round(simdMs),
      'scan / read': round(simdMs / readMs),
      'scan without WebAssembly p50 ms': round(plainMs),
      'without / read': round(plainMs / readMs),
    },
  ]);
}
