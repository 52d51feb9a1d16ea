import { crc32 } from 'node:zlib';
import { exifBlock, orientationBlock } from './jpeg-markers.js';
import { readIfd0 } from './tiff-ifd.js';

/** A part of the file as it is, or bytes of our own. */
export type Piece = { readonly from: number; readonly to: number } | Uint8Array;

/** A file of more parts than this is no picture as programs write them. */
const MOST_PIECES = 100_000;

/**
 * A picture file without what a camera or a person wrote into it, as pieces of it: pixels, colour profile, animation and how to
 * turn it upright stay, bit by bit. What comes after the picture goes, too.
 * @returns null for a format, or a structure, of which this cannot be said for certain
 */
export function strippedPieces(bytes: Uint8Array, format: string): Piece[] | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const pieces = piecesOf(file, format);
    return pieces === null ? null : joined(pieces);
  } catch {
    return null; // it ends where something should be, or has too many parts
  }
}

/** With those that follow each other in the file as one. */
function joined(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    const isNext =
      last !== undefined &&
      !(last instanceof Uint8Array) &&
      !(piece instanceof Uint8Array) &&
      last.to === piece.from;
    if (isNext) all[all.length - 1] = { from: last.from, to: piece.to };
    else all.push(piece);
  }
  return all;
}

function assertFew(pieces: readonly Piece[]): void {
  if (pieces.length > MOST_PIECES) throw new Error('The file has too many parts.');
}

function piecesOf(file: Buffer, format: string): Piece[] | null {
  switch (format) {
    case 'jpeg':
      return jpegPieces(file);
    case 'png':
      return pngPieces(file);
    case 'webp':
      return webpPieces(file);
    case 'gif':
      return gifPieces(file);
    case 'bmp':
      return file.readUInt32LE(2) === file.length ? [{ from: 0, to: file.length }] : null;
    case 'ico':
      return icoPieces(file);
    default:
      return null;
  }
}

export const lengthOf = (pieces: readonly Piece[]): number =>
  pieces.reduce(
    (sum, piece) => sum + (piece instanceof Uint8Array ? piece.length : piece.to - piece.from),
    0,
  );

const [EOI, SOS, APP0, APP1, APP2, APP14, APP15, COM] = [
  ...[0xd9, 0xda, 0xe0, 0xe1, 0xe2, 0xee, 0xef, 0xfe],
] as [number, number, number, number, number, number, number, number];

/** Frames, Huffman tables and arithmetic coding; scans, quantization, number of lines, restarts. */
const isOfPixels = (marker: number): boolean =>
  (marker >= 0xc0 && marker <= 0xcf) || (marker >= SOS && marker <= 0xdd);

/** ITU-T T.81, annex B. */
function jpegPieces(file: Buffer): Piece[] | null {
  if (file.readUInt16BE(0) !== 0xffd8) return null;
  const pieces: Piece[] = [{ from: 0, to: 2 }];
  let orientation = 1;
  let head = 1;
  for (let at = 2; at < file.length;) {
    if (file.readUInt8(at) !== 0xff) return null;
    const marker = file.readUInt8(at + 1);
    if (marker === 0xff) {
      at++; // a byte that fills
      continue;
    }
    if (marker === EOI) {
      pieces.push({ from: at, to: at + 2 });
      return withTurn(pieces, head, orientation);
    }
    if (!isOfPixels(marker) && !(marker >= APP0 && marker <= APP15) && marker !== COM) return null;
    const to = at + 2 + file.readUInt16BE(at + 2);
    if (to > file.length || to < at + 4) return null;
    assertFew(pieces);
    const content = file.subarray(at + 4, to);
    if (marker === APP1 && startsWith(content, 'Exif\0\0') && orientation === 1)
      orientation = readIfd0(content.subarray(6)).orientation;
    const kept = keptSegment(marker, content, { from: at, to });
    if (kept !== null) pieces.push(kept);
    if (marker === APP0 && kept !== null) head = pieces.length;
    at = to;
    if (marker !== SOS) continue;
    at = endOfScan(file, to);
    pieces.push({ from: to, to: at });
  }
  return withTurn(pieces, head, orientation); // cut off, as it was
}

function keptSegment(marker: number, content: Buffer, place: { from: number; to: number }): Piece | null {
  const isKept =
    marker === APP0
      ? startsWith(content, 'JFIF\0') && content.length === 14
      : marker === APP2
        ? startsWith(content, 'ICC_PROFILE\0')
        : marker === APP14
          ? startsWith(content, 'Adobe') // without it colours are taken for others
          : isOfPixels(marker);
  if (isKept) return place;
  if (marker !== APP0 || !startsWith(content, 'JFIF\0') || content.length < 14) return null;
  // With a small picture, which may show what was cut away.
  const bare = Buffer.concat([Buffer.from([0xff, APP0, 0, 16]), content.subarray(0, 12), Buffer.alloc(2)]);
  return bare;
}

/** Where the marker is that ends the data of a scan. */
function endOfScan(file: Buffer, from: number): number {
  for (let at = from; ; at += 2) {
    at = file.indexOf(0xff, at);
    if (at === -1 || at + 1 >= file.length) return file.length;
    const next = file[at + 1]!;
    if (next === 0xff) at--;
    else if (next !== 0 && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
}

function withTurn(pieces: Piece[], at: number, orientation: number): Piece[] {
  return orientation === 1 ? pieces : pieces.toSpliced(at, 0, exifBlock(orientation));
}

const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const ICO_ENTRY = 16;

/** Bitmaps have no room for metadata; a PNG within, or anything behind the last picture, has. */
function icoPieces(file: Buffer): Piece[] | null {
  let end = 0;
  for (let entry = 0; entry < file.readUInt16LE(4); entry++) {
    const at = 6 + entry * ICO_ENTRY;
    const from = file.readUInt32LE(at + 12);
    if (file.subarray(from, from + PNG_SIGNATURE.length).equals(PNG_SIGNATURE)) return null;
    end = Math.max(end, from + file.readUInt32LE(at + 8));
  }
  return end === file.length ? [{ from: 0, to: file.length }] : null;
}

/** Of what there is in PNG: pixels, colours, sizes and animation. */
const PNG_KEPT = new Set(
  'IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT'.split(
    ' ',
  ),
);

function pngPieces(file: Buffer): Piece[] | null {
  const pieces: Piece[] = [{ from: 0, to: 8 }];
  for (let at = 8; at < file.length;) {
    const to = at + 12 + file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    if (to > file.length) return null;
    assertFew(pieces);
    if (type === 'eXIf') {
      const { orientation } = readIfd0(file.subarray(at + 8, to - 4));
      if (orientation !== 1) pieces.push(pngChunk('eXIf', orientationBlock(orientation)));
    }
    if (PNG_KEPT.has(type)) pieces.push({ from: at, to });
    if (type === 'IEND') return pieces;
    at = to;
  }
  return null;
}

function pngChunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

const WEBP_KEPT = new Set(['VP8 ', 'VP8L', 'ALPH', 'ICCP', 'ANIM', 'ANMF']);
const [HAS_XMP, HAS_EXIF] = [0x04, 0x08];

function webpPieces(file: Buffer): Piece[] | null {
  const end = 8 + file.readUInt32LE(4);
  if (end > file.length) return null;
  const pieces: Piece[] = [];
  let flags: Buffer | null = null;
  let orientation = 1;
  for (let at = 12; at + 8 <= end;) {
    const type = file.toString('latin1', at, at + 4);
    const size = file.readUInt32LE(at + 4);
    const to = at + 8 + size + (size % 2);
    if (at + 8 + size > end) return null;
    assertFew(pieces);
    if (type === 'EXIF') {
      const exif = file.subarray(at + 8, to);
      orientation = readIfd0(exif.subarray(startsWith(exif, 'Exif\0\0') ? 6 : 0)).orientation;
    }
    if (type === 'VP8X') {
      flags = Buffer.from(file.subarray(at, to));
      flags[8]! &= ~(HAS_XMP | HAS_EXIF);
      pieces.push(flags);
    } else if (WEBP_KEPT.has(type)) pieces.push({ from: at, to: Math.min(to, file.length) });
    at = to;
  }
  if (orientation !== 1 && flags !== null) {
    const block = orientationBlock(orientation);
    const head = Buffer.from('EXIF\0\0\0\0', 'latin1');
    head.writeUInt32LE(block.length, 4);
    flags[8]! |= HAS_EXIF;
    pieces.push(head, block);
  }
  const riff = Buffer.from(file.subarray(0, 12));
  riff.writeUInt32LE(4 + lengthOf(pieces), 4);
  return [riff, ...pieces];
}

/** Extensions by applications that say how to show it: how often to repeat, and its colours. */
const GIF_KEPT = ['NETSCAPE2.0', 'ANIMEXTS1.0', 'ICCRGBG1012'];

function gifPieces(file: Buffer): Piece[] | null {
  const tableOf = (packed: number): number => (packed & 0x80 ? 3 << ((packed & 7) + 1) : 0);
  const start = 13 + tableOf(file.readUInt8(10));
  const pieces: Piece[] = [{ from: 0, to: start }];
  for (let at = start; ;) {
    const kind = file.readUInt8(at);
    if (kind === 0x3b) return [...pieces, { from: at, to: at + 1 }];
    if (kind !== 0x21 && kind !== 0x2c) return null;
    assertFew(pieces);
    const label = file.readUInt8(at + 1);
    const blocks = kind === 0x21 ? at + 2 : at + 11 + tableOf(file.readUInt8(at + 9));
    let to = blocks;
    while (file.readUInt8(to) !== 0) to += 1 + file.readUInt8(to);
    const name = file.toString('latin1', blocks + 1, blocks + 12);
    const isKept = kind === 0x2c || label === 0xf9 || (label === 0xff && GIF_KEPT.includes(name));
    if (isKept) pieces.push({ from: at, to: to + 1 });
    at = to + 1;
  }
}

const startsWith = (bytes: Buffer, text: string): boolean =>
  bytes.toString('latin1', 0, text.length) === text;
