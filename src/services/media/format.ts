/** Which formats Likeness reads, told by the first bytes: names and MIME types are only somebody's word. */

export const FORMATS = {
  jpeg: { extension: 'jpg', contentType: 'image/jpeg' },
  png: { extension: 'png', contentType: 'image/png' },
  webp: { extension: 'webp', contentType: 'image/webp' },
  gif: { extension: 'gif', contentType: 'image/gif' },
  avif: { extension: 'avif', contentType: 'image/avif' },
  tiff: { extension: 'tif', contentType: 'image/tiff' },
} as const;

export type ImageFormat = keyof typeof FORMATS;

export const isImageFormat = (format: string): format is ImageFormat => Object.hasOwn(FORMATS, format);

/** A known format that is not read, as one would call it in a message. */
export interface ForeignFormat {
  readonly foreign: string;
}

const ascii = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'latin1',
    from,
    Math.min(to, bytes.length),
  );

const AVIF_BRANDS = ['avif', 'avis'];
const HEIC_BRANDS = ['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis'];

/** @returns the format; or what else it is; or null when the bytes say nothing */
export function sniffFormat(bytes: Uint8Array): ImageFormat | ForeignFormat | null {
  const start = ascii(bytes, 0, 16);
  if (start.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (start.startsWith('GIF87a') || start.startsWith('GIF89a')) return 'gif';
  if (start.startsWith('RIFF') && start.startsWith('WEBP', 8)) return 'webp';
  if (/^(II[*+]\0|MM\0[*+])/.test(start)) return 'tiff';
  if (start.startsWith('ftyp', 4)) return sniffIsoMedia(bytes);
  return sniffForeign(bytes, start);
}

/** ISO/IEC 14496-12: a file type box of major brand, version, compatible brands. */
function sniffIsoMedia(bytes: Uint8Array): ImageFormat | ForeignFormat {
  const length = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readUInt32BE(0);
  const brands = ascii(bytes, 8, Math.min(length, 256)).match(/.{4}/gs) ?? [];
  if (brands.some((brand) => AVIF_BRANDS.includes(brand))) return 'avif';
  if (brands.some((brand) => HEIC_BRANDS.includes(brand))) return { foreign: 'HEIC' };
  if (brands[0] === 'mif1' || brands[0] === 'msf1') return 'avif'; // the codec is in the header: the decoder tells
  return { foreign: brands[0] === 'crx ' ? 'camera raw (CR3)' : 'video' };
}

function sniffForeign(bytes: Uint8Array, start: string): ForeignFormat | null {
  const text = ascii(bytes, 0, 1024);
  if (/^(\xef\xbb\xbf)?\s*(<\?xml|<!--|<!DOCTYPE svg|<svg)/i.test(text) && text.includes('<svg'))
    return { foreign: 'SVG' };
  if (start.startsWith('%PDF')) return { foreign: 'PDF' };
  if (start.startsWith('BM')) return { foreign: 'BMP' };
  if (start.startsWith('\0\0\x01\0')) return { foreign: 'ICO' };
  if (start.startsWith('8BPS')) return { foreign: 'Photoshop' };
  if (start.startsWith('\xff\x0a') || start.startsWith('JXL ', 4)) return { foreign: 'JPEG XL' };
  if (start.startsWith('jP  ', 4) || start.startsWith('\xff\x4f\xff\x51')) return { foreign: 'JPEG 2000' };
  return null;
}
