/**
 * How long the layout of a gallery takes, by its size, for vectors in groups like pictures of several occasions.
 *
 *     node bench/atlas.mjs [sizes...]
 */
import { layOut } from '../dist/services/atlas/layout.js';

const DIMENSION = 768;
const sizes = process.argv.slice(2).map(Number);

function gallery(count) {
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2147483648 - 1;
  };
  const groups = Math.max(3, Math.round(Math.sqrt(count)));
  const centres = Array.from({ length: groups }, () => Float32Array.from({ length: DIMENSION }, random));
  const vectors = new Float32Array(count * DIMENSION);
  for (let row = 0; row < count; row++) {
    const centre = centres[row % groups];
    let length = 0;
    for (let d = 0; d < DIMENSION; d++) {
      const value = centre[d] + 0.7 * random();
      vectors[row * DIMENSION + d] = value;
      length += value * value;
    }
    length = Math.sqrt(length);
    for (let d = 0; d < DIMENSION; d++) vectors[row * DIMENSION + d] /= length;
  }
  return vectors;
}

console.log('pictures  method  seconds');
for (const size of sizes.length > 0 ? sizes : [100, 1000, 5000]) {
  const vectors = gallery(size);
  const start = performance.now();
  const { method } = layOut(vectors, DIMENSION);
  console.log(
    `${String(size).padStart(8)}  ${method.padEnd(6)}  ${((performance.now() - start) / 1000).toFixed(1)}`,
  );
}
