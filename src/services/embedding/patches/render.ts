import type { Size } from '../../media/decode.js';
import type { PatchLayout } from './layout.js';

/** Pixels per patch in a picture of patches, and limits of its longest side. */
const PIXELS_A_PATCH = 8;
const LEAST_PIXELS = 256;
const MOST_PIXELS = 384;

/** Size of a picture of patches: in the true aspect ratio, and large enough that enlarging it shows no steps. */
export function renderedSize({ kept }: PatchLayout, shown: Size): Size {
  const wanted = PIXELS_A_PATCH * Math.max(kept.width, kept.height);
  const longest = Math.min(MOST_PIXELS, Math.max(LEAST_PIXELS, wanted));
  const scale = longest / Math.max(shown.width, shown.height);
  const side = (length: number): number => Math.max(1, Math.round(length * scale));
  return { width: side(shown.width), height: side(shown.height) };
}

/**
 * Renders values of patches as a picture of exactly the region that the model sees, interpolated linearly between the
 * patches' centres.
 * @param values of each kept patch, row-major, `channels` each
 * @returns `channels` values for each pixel of `size`, row-major
 */
export function renderPatches(
  values: Float32Array,
  channels: number,
  { kept, patchSize, content }: PatchLayout,
  size: Size,
): Float32Array {
  const across = steps(size.width, content.left, content.width, patchSize, kept.left, kept.width);
  const down = steps(size.height, content.top, content.height, patchSize, kept.top, kept.height);
  const out = new Float32Array(size.width * size.height * channels);
  let to = 0;
  for (const y of down)
    for (const x of across) {
      const [above, below] = [y.from * kept.width, y.to * kept.width];
      const corners = [above + x.from, above + x.to, below + x.from, below + x.to] as const;
      const at = (corner: number, channel: number): number => values[corner * channels + channel]!;
      for (let c = 0; c < channels; c++) {
        const upper = at(corners[0], c) + x.share * (at(corners[1], c) - at(corners[0], c));
        const lower = at(corners[2], c) + x.share * (at(corners[3], c) - at(corners[2], c));
        out[to++] = upper + y.share * (lower - upper);
      }
    }
  return out;
}

interface Step {
  /** The two neighbouring kept patches. */
  readonly from: number;
  readonly to: number;
  /** Weight of the second. */
  readonly share: number;
}

/** For each pixel along one side, the two patches around it; beyond the outermost centres, only the outermost. */
function steps(
  pixels: number,
  start: number,
  extent: number,
  patchSize: number,
  first: number,
  count: number,
): readonly Step[] {
  return Array.from({ length: pixels }, (_, pixel) => {
    const inInput = start + ((pixel + 0.5) / pixels) * extent;
    const patch = Math.min(count - 1, Math.max(0, inInput / patchSize - 0.5 - first));
    const from = Math.floor(patch);
    return { from, to: Math.min(count - 1, from + 1), share: patch - from };
  });
}
