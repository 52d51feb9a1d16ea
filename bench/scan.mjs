/** A scan of all vectors, in memory and in a file, compared with just reading as many bytes; in turns, since other programs disturb both. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExactSearch } from '../dist/services/vector-index/exact-search.js';
import { FlatStore } from '../dist/services/vector-index/flat-store.js';
import { PlainRows } from '../dist/services/vector-index/row-memory.js';
import { VectorFile } from '../dist/services/vector-index/vector-file.js';
import { clusteredVectors, machine, percentile, round } from './lib/measure.mjs';
import { bytesToRead } from './lib/read-bytes.mjs';

const COUNT = Number(process.argv[2] ?? 20_000);
const DIMENSION = 768;
const K = 10;

console.log(machine());
for (const count of [COUNT, 5 * COUNT]) {
  const all = [...clusteredVectors(count, DIMENSION)];
  const openFile = () => new VectorFile(join(tmpdir(), `likeness-bench-${process.pid}-${count}`), DIMENSION);
  const stores = [{}, { newMemory: () => new PlainRows(DIMENSION) }, { memoryRows: 0, openFile }].map(
    (options) => new FlatStore(DIMENSION, options),
  );
  for (const store of stores) all.forEach((vector, i) => store.add(i + 1, vector));
  const [simd, plain, file] = stores.map((store) => new ExactSearch(store, Infinity));
  for (let i = 0; i < 10; i++) {
    const answers = [];
    for (const scan of [simd, plain, file]) answers.push(JSON.stringify(await scan.nearest(all[i * 97], K)));
    if (new Set(answers).size > 1) throw new Error('The scans differ.');
  }
  const hundredth = new Set(Array.from({ length: count / 100 }, (_, i) => 100 * i + 1));
  const read = bytesToRead(Math.min(count * DIMENSION * 4, 2 ** 28));
  const share = Math.min(1, 2 ** 28 / (count * DIMENSION * 4));
  const times = { read: [], simd: [], plain: [], file: [], simdFilter: [], fileFilter: [] };
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
    await timed('file', (i) => file.nearest(all[(turn * 31 + i * 7) % count], K), 5);
    await timed('simdFilter', (i) => simd.nearest(all[(turn * 31 + i * 7) % count], K, hundredth), 5);
    await timed('fileFilter', (i) => file.nearest(all[(turn * 31 + i * 7) % count], K, hundredth), 5);
    await timed('plain', (i) => plain.nearest(all[(turn * 31 + i * 7) % count], K), 2);
  }
  const readMs = percentile(times.read, 50) / share;
  const [simdMs, plainMs, fileMs] = ['simd', 'plain', 'file'].map((name) => percentile(times[name], 50));
  const [simdFilterMs, fileFilterMs] = ['simdFilter', 'fileFilter'].map((name) =>
    percentile(times[name], 50),
  );
  console.table([
    {
      vectors: count,
      'read the bytes p50 ms': round(readMs),
      'GB/s': round((count * DIMENSION * 4) / readMs / 1e6, 1),
      'scan p50 ms': round(simdMs),
      'scan / read': round(simdMs / readMs),
      'in a file p50 ms': round(fileMs),
      'file / memory': round(fileMs / simdMs),
      '1 % p50 ms': round(simdFilterMs),
      '1 % in a file p50 ms': round(fileFilterMs),
      'scan without WebAssembly p50 ms': round(plainMs),
      'without / read': round(plainMs / readMs),
    },
  ]);
  for (const store of stores) store.clear();
}
