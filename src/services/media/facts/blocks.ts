import { FORMATS, sniffFormat } from '../format.js';
import { headLength } from '../jpeg-markers.js';
import { findPreview } from '../raw-preview.js';

/** Something that the metadata reader understands: a whole file, a TIFF block, or XMP text. */
export type Block = Uint8Array;

const TIFF = Buffer.from('II*\0', 'latin1');
const PACKET = Buffer.from('<?xpacket begin=""?>');
/** Cameras write metadata before the picture. */
const HEAD_BYTES = 4 << 20;
const MOST_RESOURCES = 1000;
/** Photoshop's image resources (Adobe's file format specification): EXIF and XMP. */
const [PSD_EXIF, PSD_XMP] = [1058, 1060];

/** The metadata blocks of a picture file. In most formats the reader finds them itself. */
export function blocksOf(bytes: Uint8Array): Block[] {
  const format = sniffFormat(bytes);
  if (format === null || typeof format === 'object') return [];
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (format) {
    case 'bmp':
    case 'ico':
      return [];
    case 'psd':
      return psdBlocks(file);
    case 'orf': // a TIFF file by another name
      return [Buffer.concat([TIFF, file.subarray(4, HEAD_BYTES)])];
    case 'cr3': // CMT1 and CMT2 are boxes with a TIFF block, of the picture and of its exposure
      return ['CMT1', 'CMT2'].flatMap((type) => boxOf(file, type));
    case 'raf': {
      const preview = findPreview(file, format);
      return preview === null ? [] : [preview.subarray(0, headLength(preview))];
    }
    case 'jpeg':
      return [file.subarray(0, headLength(file))];
    default:
      return FORMATS[format].decoder === 'preview' ? [file.subarray(0, HEAD_BYTES)] : [file];
  }
}

/** The text of an XMP sidecar file, with the beginning that the reader expects. */
export function sidecarBlock(text: string): Block {
  const body = text.replace(/^\uFEFF?\s*(<\?xml[^>]{0,200}\?>)?\s*/, '');
  return body.startsWith('<?xpacket') ? Buffer.from(body) : Buffer.concat([PACKET, Buffer.from(body)]);
}

function boxOf(file: Buffer, type: string): Block[] {
  const at = file.subarray(0, HEAD_BYTES).indexOf(type, 0, 'latin1');
  if (at < 4) return [];
  return [file.subarray(at + 4, at - 4 + file.readUInt32BE(at - 4))];
}

function psdBlocks(file: Buffer): Block[] {
  const blocks: Block[] = [];
  try {
    const from = 26 + 4 + file.readUInt32BE(26);
    const end = Math.min(file.length, from + 4 + file.readUInt32BE(from));
    let at = from + 4;
    for (let i = 0; i < MOST_RESOURCES && at < end && file.toString('latin1', at, at + 4) === '8BIM'; i++) {
      const id = file.readUInt16BE(at + 4);
      const name = 1 + file.readUInt8(at + 6);
      const sizeAt = at + 6 + name + (name % 2);
      const size = file.readUInt32BE(sizeAt);
      const content = file.subarray(sizeAt + 4, Math.min(end, sizeAt + 4 + size));
      if (id === PSD_EXIF) blocks.push(content);
      if (id === PSD_XMP) blocks.push(sidecarBlock(content.toString('utf8')));
      at = sizeAt + 4 + size + (size % 2);
    }
  } catch {
    // Cut off: what came before it counts.
  }
  return blocks;
}
