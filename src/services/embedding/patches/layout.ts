import type { Box, ResizePlan, Size } from '../../media/decode.js';
import type { PatchGrid, Point } from '../types.js';

/** Where the patches of a model's input are in the picture. */
export interface PatchLayout {
  /** Side of a patch in pixels of the input. */
  readonly patchSize: number;
  /** Patches in a row of the whole input, margins included. */
  readonly stride: number;
  /** The patches that show the picture, as a box in patches of the input: those whose centre is not in a margin. */
  readonly kept: Box;
  /** The picture in pixels of the input, without the margins. */
  readonly content: Box;
  /** Part of the upright picture that `content` shows, as fractions of it. */
  readonly region: Box;
}

/** Part of the upright picture that the model sees, as fractions of it. */
export function shownRegion({ region, resize, crop }: ResizePlan, upright: Size): Box {
  const part = region ?? { left: 0, top: 0, ...upright };
  const kept = crop ?? { left: 0, top: 0, ...resize };
  const [across, down] = [part.width / resize.width, part.height / resize.height];
  return {
    left: (part.left + kept.left * across) / upright.width,
    top: (part.top + kept.top * down) / upright.height,
    width: (kept.width * across) / upright.width,
    height: (kept.height * down) / upright.height,
  };
}

/**
 * @param input size of the model's input in pixels
 * @param content the picture in it
 * @param region result of `shownRegion`
 */
export function layOutPatches(input: Size, patchSize: number, content: Box, region: Box): PatchLayout {
  const [left, width] = keptAlong(input.width, patchSize, content.left, content.width);
  const [top, height] = keptAlong(input.height, patchSize, content.top, content.height);
  return {
    patchSize,
    stride: Math.floor(input.width / patchSize),
    kept: { left, top, width, height },
    content,
    region,
  };
}

/** First patch and number of patches along one side; at least one. */
function keptAlong(length: number, patchSize: number, start: number, extent: number): [number, number] {
  const count = Math.floor(length / patchSize);
  const bound = (patch: number): number => Math.min(count - 1, Math.max(0, patch));
  const first = bound(Math.ceil(start / patchSize - 0.5));
  const last = bound(Math.ceil((start + extent) / patchSize - 0.5) - 1);
  if (last >= first) return [first, last - first + 1];
  return [bound(Math.floor((start + extent / 2) / patchSize)), 1]; // a strip between two centres
}

/** A copy of the rows of the patches that show the picture, row-major; prefix and margins are left out. */
export function keptTokens(
  tokens: Float32Array,
  dimension: number,
  prefix: number,
  { kept, stride }: PatchLayout,
): Float32Array {
  const out = new Float32Array(kept.width * kept.height * dimension);
  for (let row = 0; row < kept.height; row++) {
    const from = (prefix + (kept.top + row) * stride + kept.left) * dimension;
    out.set(tokens.subarray(from, from + kept.width * dimension), row * kept.width * dimension);
  }
  return out;
}

export const gridOf = ({ kept, region }: PatchLayout): PatchGrid => ({
  rows: kept.height,
  columns: kept.width,
  ...region,
});

/** Centre of a kept patch as fractions of the upright picture. @param index row-major */
export function centreOf({ kept, patchSize, content, region }: PatchLayout, index: number): Point {
  const column = kept.left + (index % kept.width);
  const row = kept.top + Math.floor(index / kept.width);
  const within = (at: number, start: number, extent: number): number =>
    Math.min(1, Math.max(0, ((at + 0.5) * patchSize - start) / extent));
  return {
    x: region.left + region.width * within(column, content.left, content.width),
    y: region.top + region.height * within(row, content.top, content.height),
  };
}
