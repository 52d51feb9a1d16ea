import { principalComponents, project } from '../../../lib/principal-components.js';

/** Share of values clipped at either end of a component, so that a few outliers do not make the rest grey. */
const CLIPPED = 0.01;
/** Enough for colours: the change by another iteration would be invisible. */
const ITERATIONS = 3;
/** Spread of a component, relative to the size of the tokens, below which it is only rounding. */
const NO_SPREAD = 1e-5;

/**
 * A colour for each patch: its coordinates along the first three principal components of all patches' tokens as red,
 * green and blue (Oquab et al. 2023, "DINOv2: Learning Robust Visual Features without Supervision", figure 1).
 * Deterministic. A component without any spread is mid-grey in its channel.
 * @param tokens patches x dimension, row-major
 * @returns patches x 3, 0..255
 */
export function patchColors(tokens: Float32Array, dimension: number): Float32Array {
  const patches = tokens.length / dimension;
  const components = principalComponents(tokens, dimension, { components: 3, iterations: ITERATIONS });
  const found = components.variances.length;
  const coordinates = project(tokens, dimension, components);
  const size = Math.sqrt(tokens.reduce((sum, value) => sum + value * value, 0) / patches);

  const colors = new Float32Array(patches * 3).fill(127.5);
  for (let c = 0; c < found; c++) {
    const along = Float32Array.from({ length: patches }, (_, i) => coordinates[i * found + c]!);
    const [low, high] = robustRange(along);
    if (!(high - low > NO_SPREAD * size)) continue;
    along.forEach((value, i) => {
      colors[i * 3 + c] = Math.min(255, Math.max(0, (255 * (value - low)) / (high - low)));
    });
  }
  return colors;
}

function robustRange(values: Float32Array): readonly [number, number] {
  const sorted = values.slice().sort();
  const last = sorted.length - 1;
  const clipped = Math.floor(CLIPPED * sorted.length);
  return [sorted[clipped]!, sorted[last - clipped]!];
}
