/** The formats that Likeness reads, detected from the first bytes, since names and MIME types may be wrong. */

import { readIfd0 } from './tiff-ifd.js';

/** The only list of formats. Files with these extensions are worth opening; `inBrowsers`: whether all browsers show it. */
export const FORMATS = {
  jpeg: {
    title: 'JPEG',
    extension: 'jpg',
    endings: ['jpg', 'jpeg', 'jpe', 'jfif'],
    contentType: 'image/jpeg',
    decoder: 'sharp',
    inBrowsers: true,
  },
  png: {
    title: 'PNG',
    extension: 'png',
    endings: ['png'],
    contentType: 'image/png',
    decoder: 'sharp',
    inBrowsers: true,
  },
  webp: {
    title: 'WebP',
    extension: 'webp',
    endings: ['webp'],
    contentType: 'image/webp',
    decoder: 'sharp',
    inBrowsers: true,
  },
  gif: {
    title: 'GIF',
    extension: 'gif',
    endings: ['gif'],
    contentType: 'image/gif',
    decoder: 'sharp',
    inBrowsers: true,
  },
  avif: {
    title: 'AVIF',
    extension: 'avif',
    endings: ['avif'],
    contentType: 'image/avif',
    decoder: 'sharp',
    inBrowsers: true,
  },
  tiff: {
    title: 'TIFF',
    extension: 'tif',
    endings: ['tif', 'tiff'],
    contentType: 'image/tiff',
    decoder: 'sharp',
    inBrowsers: false,
  },
  heic: {
    title: 'HEIC',
    extension: 'heic',
    endings: ['heic', 'heif', 'hif'],
    contentType: 'image/heic',
    decoder: 'magick',
    inBrowsers: false,
  },
  jxl: {
    title: 'JPEG XL',
    extension: 'jxl',
    endings: ['jxl'],
    contentType: 'image/jxl',
    decoder: 'magick',
    inBrowsers: false,
  },
  bmp: {
    title: 'BMP',
    extension: 'bmp',
    endings: ['bmp', 'dib'],
    contentType: 'image/bmp',
    decoder: 'magick',
    inBrowsers: true,
  },
  ico: {
    title: 'ICO',
    extension: 'ico',
    endings: ['ico'],
    contentType: 'image/x-icon',
    decoder: 'magick',
    inBrowsers: true,
  },
  psd: {
    title: 'PSD',
    extension: 'psd',
    endings: ['psd', 'psb'],
    contentType: 'image/vnd.adobe.photoshop',
    decoder: 'magick',
    inBrowsers: false,
  },
  dng: raw('DNG', 'dng', 'image/x-adobe-dng'),
  cr2: raw('CR2', 'cr2', 'image/x-canon-cr2'),
  cr3: raw('CR3', 'cr3', 'image/x-canon-cr3'),
  nef: raw('NEF', 'nef', 'image/x-nikon-nef'),
  arw: raw('ARW', 'arw', 'image/x-sony-arw'),
  raf: raw('RAF', 'raf', 'image/x-fuji-raf'),
  orf: raw('ORF', 'orf', 'image/x-olympus-orf'),
} as const satisfies Record<string, FormatInfo>;

export interface FormatInfo {
  /** Name for people. */
  readonly title: string;
  /** Extension of the file in the media folder. */
  readonly extension: string;
  readonly endings: readonly string[];
  readonly contentType: string;
  /** What reads it; for camera raw the embedded preview. */
  readonly decoder: 'sharp' | 'magick' | 'preview';
  readonly inBrowsers: boolean;
}

function raw(title: string, extension: string, contentType: string) {
  return {
    title,
    extension,
    endings: [extension],
    contentType,
    decoder: 'preview',
    inBrowsers: false,
  } as const;
}

export type ImageFormat = keyof typeof FORMATS;

export const isImageFormat = (format: string): format is ImageFormat => Object.hasOwn(FORMATS, format);

const ENDINGS: ReadonlySet<string> = new Set(Object.values(FORMATS).flatMap(({ endings }) => endings));

/** Whether a file of this name may be a picture. */
export function hasPictureEnding(name: string): boolean {
  const dot = name.lastIndexOf('.');
  return dot > 0 && ENDINGS.has(name.slice(dot + 1).toLowerCase());
}

/** A known format that is not supported, by its name for messages. */
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
/** The item with the codec is searched here, since the meta box comes first. */
const META_BYTES = 65_536;

/** @returns the format, a known unsupported format, or null if unknown */
export function sniffFormat(bytes: Uint8Array): ImageFormat | ForeignFormat | null {
  const start = ascii(bytes, 0, 16);
  if (start.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (start.startsWith('GIF87a') || start.startsWith('GIF89a')) return 'gif';
  if (start.startsWith('RIFF') && start.startsWith('WEBP', 8)) return 'webp';
  if (/^(II[*+]\0|MM\0[*+])/.test(start)) return sniffTiff(bytes, start);
  if (/^(IIR[OS]|MMOR)/.test(start)) return 'orf';
  if (start.startsWith('FUJIFILMCCD-RAW ')) return 'raf';
  if (start.startsWith('ftyp', 4)) return sniffIsoMedia(bytes);
  if (start.startsWith('\xff\x0a') || start.startsWith('JXL ', 4)) return 'jxl';
  if (start.startsWith('BM') && bytes.length >= 26) return 'bmp';
  if (start.startsWith('\0\0\x01\0')) return 'ico';
  if (start.startsWith('8BPS\0') && (bytes[5] === 1 || bytes[5] === 2)) return 'psd';
  return sniffForeign(bytes, start);
}

/** Most camera raw is TIFF: the first directory has a preview, others (SubIFDs) the sensor data. */
function sniffTiff(bytes: Uint8Array, start: string): ImageFormat {
  if (start.startsWith('CR', 8)) return 'cr2';
  const { make, hasSubIfds, isDng } = readIfd0(bytes);
  if (isDng) return 'dng';
  if (hasSubIfds && /^nikon/i.test(make)) return 'nef';
  if (hasSubIfds && /^sony/i.test(make)) return 'arw';
  return 'tiff';
}

/** ISO/IEC 14496-12: a file type box of major brand, version, compatible brands. */
function sniffIsoMedia(bytes: Uint8Array): ImageFormat | ForeignFormat {
  const length = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readUInt32BE(0);
  const brands = ascii(bytes, 8, Math.min(length, 256)).match(/.{4}/gs) ?? [];
  if (brands[0] === 'crx ') return 'cr3';
  if (brands.some((brand) => AVIF_BRANDS.includes(brand))) return 'avif';
  if (brands.some((brand) => HEIC_BRANDS.includes(brand))) return 'heic';
  if (brands[0] !== 'mif1' && brands[0] !== 'msf1') return { foreign: 'video' };
  return ascii(bytes, 0, META_BYTES).includes('av01') ? 'avif' : 'heic';
}

function sniffForeign(bytes: Uint8Array, start: string): ForeignFormat | null {
  const text = ascii(bytes, 0, 1024);
  if (/^(\xef\xbb\xbf)?\s*(<\?xml|<!--|<!DOCTYPE svg|<svg)/i.test(text) && text.includes('<svg'))
    return { foreign: 'SVG' };
  if (start.startsWith('%PDF')) return { foreign: 'PDF' };
  if (start.startsWith('jP  ', 4) || start.startsWith('\xff\x4f\xff\x51')) return { foreign: 'JPEG 2000' };
  return null;
}
