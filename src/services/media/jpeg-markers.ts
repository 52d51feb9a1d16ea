/** The structure of a JPEG file (ITU-T T.81, annex B), as far as it says what is in it and whether all of it is there. */

export interface JpegFrame {
  readonly width: number;
  readonly height: number;
  readonly progressive: boolean;
}

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP1 = 0xe1;
/** Of the frames, those that decoders know: baseline, extended, progressive; not lossless, as camera raw has it. */
const FRAMES = [0xc0, 0xc1, 0xc2];
const PROGRESSIVE = 0xc2;
/** More segments before the first scan are nobody's picture. */
const MOST_SEGMENTS = 1000;

const isStandalone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= SOI);

/** The header of the frame of a JPEG that starts at `at`; null when there is none. */
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

/** How long what stands before the picture itself is. */
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

/** A JPEG without EXIF, with one that says nothing but how to turn it upright. */
export function withOrientation(jpeg: Uint8Array, orientation: number): Buffer {
  const tiff = Buffer.from('MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0', 'latin1');
  tiff.writeUInt16BE(orientation, 18);
  const head = Buffer.from([0xff, SOI, 0xff, APP1, 0, 2 + EXIF.length + tiff.length]);
  return Buffer.concat([head, EXIF, tiff, jpeg.subarray(2)]);
}

/** Whether the end-of-image marker is missing, so that the file was cut off. */
export function lacksEnd(bytes: Uint8Array): boolean {
  // Nearly all files end with it, or have only a little behind it.
  if (lastIndexOf(bytes.subarray(-64), EOI) !== -1) return false;
  for (const scan of scans(bytes)) if (scan.next === EOI) return false;
  return true;
}

/**
 * Whether the scans that have begun give every coefficient to its last bit, so that only detail of the last one is
 * missing. Says nothing of a file that is not progressive.
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
  /** Where its content is. */
  readonly from: number;
  readonly to: number;
}

/** From the marker after SOI to the first scan; ends where what follows is no segment. */
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
  /** The marker after its data, -1 when there is none. */
  readonly next: number;
}

/** Every scan, in order; bytes that belong to no segment are passed over, as decoders do. */
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
