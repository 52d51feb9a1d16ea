export interface ColorShare {
  /** `#rrggbb` */
  readonly hex: string;
  /** 0..1 */
  readonly share: number;
}

const COUNT = 5;
const ROUNDS = 8;
/** Colours nearer than this (Euclidean, 0..255 per channel) are merged. */
const MERGE_DISTANCE = 24;

type Rgb = [number, number, number];

const distance2 = (pixels: Uint8Array, i: number, [r, g, b]: Rgb): number =>
  (pixels[i]! - r) ** 2 + (pixels[i + 1]! - g) ** 2 + (pixels[i + 2]! - b) ** 2;

/**
 * The most frequent colours of a small RGB picture by k-means (Lloyd), started at pixels far from each other
 * (deterministic farthest-point seeding), near-equal clusters merged, most frequent first.
 *
 * @param pixels RGB, 8 bit per channel
 */
export function dominantColors(pixels: Uint8Array): ColorShare[] {
  const count = pixels.length / 3;
  let centers = seeds(pixels);
  let sizes: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const sums = centers.map((): Rgb => [0, 0, 0]);
    sizes = centers.map(() => 0);
    for (let i = 0; i < pixels.length; i += 3) {
      let best = 0;
      for (let c = 1; c < centers.length; c++) {
        if (distance2(pixels, i, centers[c]!) < distance2(pixels, i, centers[best]!)) best = c;
      }
      const sum = sums[best]!;
      sum[0] += pixels[i]!;
      sum[1] += pixels[i + 1]!;
      sum[2] += pixels[i + 2]!;
      sizes[best]!++;
    }
    centers = centers.map((old, c) => (sizes[c] ? (sums[c]!.map((value) => value / sizes[c]!) as Rgb) : old));
  }
  const clusters = centers.map((center, c) => ({ center, size: sizes[c]! })).sort((a, b) => b.size - a.size);
  const merged: { center: Rgb; size: number }[] = [];
  for (const cluster of clusters) {
    const near = merged.find(
      ({ center }) => Math.hypot(...center.map((v, k) => v - cluster.center[k]!)) < MERGE_DISTANCE,
    );
    if (near) near.size += cluster.size;
    else if (cluster.size > 0) merged.push({ ...cluster });
  }
  return merged
    .sort((a, b) => b.size - a.size)
    .map(({ center, size }) => ({
      hex: `#${center.map((value) => Math.round(value).toString(16).padStart(2, '0')).join('')}`,
      share: size / count,
    }));
}

function seeds(pixels: Uint8Array): Rgb[] {
  const at = (i: number): Rgb => [pixels[i]!, pixels[i + 1]!, pixels[i + 2]!];
  const centers: Rgb[] = [at(0)];
  while (centers.length < COUNT) {
    let [farthest, best] = [0, -1];
    for (let i = 0; i < pixels.length; i += 3) {
      const d = Math.min(...centers.map((center) => distance2(pixels, i, center)));
      if (d > best) [farthest, best] = [i, d];
    }
    if (best <= 0) break;
    centers.push(at(farthest));
  }
  return centers;
}
