import { hasExif, readFrame, withOrientation } from './jpeg-markers.js';
import { readIfd0 } from './tiff-ifd.js';

const START = Buffer.from([0xff, 0xd8, 0xff]);
/** Real files have a handful. */
const MOST_CANDIDATES = 1000;

/**
 * The largest JPEG in a camera raw file, upright: the camera's own rendering. It is found by its first bytes, which works
 * for all of these formats, without each maker's directories. Lossless JPEGs, which some formats use for sensor data, are
 * skipped.
 * @returns null if there is none
 */
export function findPreview(bytes: Uint8Array, format: string): Uint8Array | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let best: { readonly at: number; readonly pixels: number } | null = null;
  let at = file.indexOf(START);
  for (let i = 0; at !== -1 && i < MOST_CANDIDATES; i++, at = file.indexOf(START, at + 1)) {
    const frame = readFrame(file, at);
    const pixels = frame === null ? 0 : frame.width * frame.height;
    if (pixels > (best?.pixels ?? 0)) best = { at, pixels };
  }
  if (best === null) return null;
  const jpeg = file.subarray(best.at);
  return hasExif(jpeg) ? jpeg : withOrientation(jpeg, orientationOf(file, format));
}

/** The orientation according to the raw file, for a preview without its own. */
function orientationOf(file: Buffer, format: string): number {
  if (format !== 'cr3') return readIfd0(file).orientation;
  const at = file.subarray(0, 65_536).indexOf('CMT1'); // a box with a TIFF header
  return at === -1 ? 1 : readIfd0(file.subarray(at + 4)).orientation;
}
