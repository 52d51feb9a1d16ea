/** The structure of a JPEG file (ITU-T T.81, annex B), as far as it shows what is in it and whether it is complete. */

export interface JpegFrame {
  readonly width: number;
  readonly height: number;
  readonly progressive: boolean;
}

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP1 = 0xe1;
/** Frames that decoders support: baseline, extended, progressive; not the lossless ones of camera raw. */
const FRAMES = [0xc0, 0xc1, 0xc2];
const PROGRESSIVE = 0xc2;
/** No real picture has more segments before the first scan. */
const MOST_SEGMENTS = 1000;

const isStandalone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= SOI);

/** The frame header of a JPEG that starts at `at`; null if there is none. */
export function readFrame(bytes: Uint8Array, at = 0): JpegFrame | null {
  for (const { marker, from, to } of segments(bytes, at)) {
    if (marker === SOS) return null;
    if (!FRAMES.includes(marker)) continue;
    if (to - from < 6 || bytes[from] !== 8) return null;
    const height = (bytes[from + 1]! << 8) | bytes[from + 2]!;
    const width = (bytes[from + 3]! << 8) | bytes[from + 4]!;
    return width === 0 || height === 0 ? null : { width, height, progressive: marker === PROGRESSIVE };
  }
  return null;
}

/** Length of what precedes the picture data, in bytes. */
export function headLength(bytes: Uint8Array): number {
  let length = 2;
  for (const { to } of segments(bytes, 0)) length = to;
  return length;
}

/** Whether a JPEG that starts at `at` has an EXIF block of its own. */
export function hasExif(bytes: Uint8Array, at = 0): boolean {
  for (const { marker, from } of segments(bytes, at)) {
    if (marker === SOS) return false;
    if (marker === APP1 && Buffer.from(bytes.subarray(from, from + 6)).equals(EXIF)) return true;
  }
  return false;
}

const EXIF = Buffer.from('Exif\0\0', 'latin1');

/** A TIFF block that says nothing but how to turn a picture upright. */
export function orientationBlock(orientation: number): Buffer {
  const tiff = Buffer.from('MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0', 'latin1');
  tiff.writeUInt16BE(orientation, 18);
  return tiff;
}

/** The same as a segment of a JPEG. */
export function exifBlock(orientation: number): Buffer {
  const tiff = orientationBlock(orientation);
  return Buffer.concat([Buffer.from([0xff, APP1, 0, 2 + EXIF.length + tiff.length]), EXIF, tiff]);
}

/** Adds an EXIF block with only the orientation to a JPEG without EXIF. */
export const withOrientation = (jpeg: Uint8Array, orientation: number): Buffer =>
  Buffer.concat([jpeg.subarray(0, 2), exifBlock(orientation), jpeg.subarray(2)]);

/** Whether the end-of-image marker is missing because the file was cut off. */
export function lacksEnd(bytes: Uint8Array): boolean {
  // Nearly all files end with it, or have only a few bytes after it.
  if (lastIndexOf(bytes.subarray(-64), EOI) !== -1) return false;
  for (const scan of scans(bytes)) if (scan.next === EOI) return false;
  return true;
}

/**
 * Whether the scans that have begun cover every coefficient down to its last bit, so that only detail of the last scan
 * is missing. Only meaningful for progressive files.
 */
export function beganLastScans(bytes: Uint8Array): boolean {
  const done = new Map<number, Set<number>>();
  let components = 0;
  for (const { header } of scans(bytes)) {
    const count = header[0] ?? 0;
    if (header.length < 4 + 2 * count) return false;
    const [first, last, approximation] = header.subarray(1 + 2 * count) as unknown as [
      number,
      number,
      number,
    ];
    components = Math.max(components, count);
    if ((approximation & 15) !== 0 || last > 63) continue;
    for (let i = 0; i < count; i++) {
      const id = header[1 + 2 * i]!;
      const coefficients = done.get(id) ?? new Set();
      done.set(id, coefficients);
      for (let k = first; k <= last; k++) coefficients.add(k);
    }
  }
  return done.size >= Math.max(1, components) && [...done.values()].every(({ size }) => size === 64);
}

interface Segment {
  readonly marker: number;
  /** Offset of its content. */
  readonly from: number;
  readonly to: number;
}

/** The segments from the marker after SOI to the first scan; ends at anything that is not a segment. */
function* segments(bytes: Uint8Array, at: number): Generator<Segment> {
  let place = at + 2;
  for (let i = 0; i < MOST_SEGMENTS && place + 4 <= bytes.length; i++) {
    if (bytes[place] !== 0xff) return;
    const marker = bytes[place + 1]!;
    if (marker === 0xff) {
      place++;
      continue;
    }
    if (isStandalone(marker) || marker === EOI || marker === 0) return;
    const length = (bytes[place + 2]! << 8) | bytes[place + 3]!;
    const to = place + 2 + length;
    if (length < 2 || to > bytes.length) return;
    yield { marker, from: place + 4, to };
    if (marker === SOS) return;
    place = to;
  }
}

interface Scan {
  /** Content of its header. */
  readonly header: Uint8Array;
  /** Offset of the marker after its data; -1 if there is none. */
  readonly next: number;
}

/** Every scan, in order; bytes outside segments are skipped, as decoders do. */
function* scans(bytes: Uint8Array): Generator<Scan> {
  let header: Uint8Array | null = null;
  let place = 2;
  while ((place = bytes.indexOf(0xff, place)) !== -1 && place + 1 < bytes.length) {
    const marker = bytes[place + 1]!;
    if (marker === 0 || marker === 0xff || isStandalone(marker)) {
      place += marker === 0xff ? 1 : 2;
      continue;
    }
    if (header !== null) yield { header, next: marker };
    header = null;
    if (marker === EOI) return;
    const length = place + 4 > bytes.length ? 2 : (bytes[place + 2]! << 8) | bytes[place + 3]!;
    const to = place + 2 + Math.max(2, length);
    if (marker === SOS) header = bytes.subarray(place + 4, to);
    place = to;
  }
  if (header !== null) yield { header, next: -1 };
}

function lastIndexOf(bytes: Uint8Array, marker: number): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).lastIndexOf(
    Buffer.from([0xff, marker]),
  );
}
