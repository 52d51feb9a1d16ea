import type { DecodedImage } from '../media/decode.js';

/** Side of the swatch in pixels. */
export const SWATCH_SIZE = 32;

/** A very small copy of the picture, by averaging boxes of pixels: RGB, `SWATCH_SIZE` squared. */
export function makeSwatch({ pixels, width, content }: DecodedImage): Uint8Array {
  const swatch = new Uint8Array(SWATCH_SIZE * SWATCH_SIZE * 3);
  const edge = (index: number, length: number): number => Math.floor((index * length) / SWATCH_SIZE);
  let to = 0;
  for (let row = 0; row < SWATCH_SIZE; row++) {
    const top = edge(row, content.height);
    const bottom = Math.max(top + 1, edge(row + 1, content.height));
    for (let column = 0; column < SWATCH_SIZE; column++) {
      const left = edge(column, content.width);
      const right = Math.max(left + 1, edge(column + 1, content.width));
      let [red, green, blue] = [0, 0, 0];
      for (let y = top; y < bottom; y++) {
        let at = ((content.top + y) * width + content.left + left) * 3;
        for (let x = left; x < right; x++, at += 3) {
          red += pixels[at]!;
          green += pixels[at + 1]!;
          blue += pixels[at + 2]!;
        }
      }
      const area = (bottom - top) * (right - left);
      swatch[to++] = Math.round(red / area);
      swatch[to++] = Math.round(green / area);
      swatch[to++] = Math.round(blue / area);
    }
  }
  return swatch;
}
