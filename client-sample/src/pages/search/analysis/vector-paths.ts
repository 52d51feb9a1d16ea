/** Bars as one SVG path: a unit wide each, up and down from `base`, `scale` high for a value of 1. */
export function barPath(values: readonly number[], base: number, scale: number): string {
  let path = '';
  values.forEach((value, i) => {
    path += `M${i} ${base}h1V${(base - value * scale).toFixed(2)}h-1z`;
  });
  return path;
}

/** Steps along the tops of bars: for what is laid over others. */
export function outlinePath(values: readonly number[], base: number, scale: number): string {
  return values.reduce(
    (path, value, i) => `${path}${i === 0 ? 'M' : 'L'}${i} ${(base - value * scale).toFixed(2)}h1`,
    '',
  );
}

/** How many values fall into each of equally wide bins between two bounds that both pictures share. */
export function histogramOf(values: readonly number[], min: number, max: number, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  const scale = max > min ? bins / (max - min) : 0;
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((value - min) * scale)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

export const largest = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
