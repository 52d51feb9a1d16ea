import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import { AppError, messageOf } from '../../errors.js';
import { FORMATS, isImageFormat, sniffFormat, type ImageFormat } from './format.js';
import { isSrgbProfile } from './icc.js';

/** The only user of sharp. Runs in worker processes: a decoder that crashes must not take the server along. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box extends Size {
  readonly left: number;
  readonly top: number;
}

export interface Padding {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
  /** CSS notation. */
  readonly color: string;
}

/** How to get from the upright picture to the pixels wanted, in this order. */
export interface ResizePlan {
  /** Part of the upright picture to keep; all of it when left out. */
  readonly region?: Box;
  /** Size to bring that part to; the aspect may change. */
  readonly resize: Size;
  /** Part of the resized picture to keep. */
  readonly crop?: Box;
  /** Margins to add around it; not together with `crop`. */
  readonly pad?: Padding;
}

export interface DecodeOptions {
  /** Refuse pictures of more pixels, by their header. */
  readonly maxPixels: number;
  /** Called with the size of the upright picture. */
  readonly plan: (upright: Size) => ResizePlan;
}

export interface DecodedImage extends Size {
  /** RGB, 8 bit, row-major, `width` x `height`. */
  readonly pixels: Uint8Array;
  /** The picture itself within `pixels`: all but the margins. */
  readonly content: Box;
  /** Size in picture pixels of what `content` shows: its true aspect. */
  readonly shown: Size;
  /** The whole upright picture. */
  readonly upright: Size;
  readonly format: ImageFormat;
}

export interface ImageInfo extends Size {
  readonly format: ImageFormat;
}

/**
 * Makes sharp safe and lean for this process: no loader but those of the formats served, no operation cache (it keeps
 * memory), `threads` per picture.
 */
export function configureDecoder({ threads }: { readonly threads: number }): void {
  sharp.cache(false);
  sharp.concurrency(threads);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map((name) => `VipsForeignLoad${name}`),
  });
}

/**
 * Decodes the first frame or page of an encoded picture: upright, sRGB, transparency over white, by one pipeline
 * straight to the size wanted (a JPEG is decoded at a fraction of its size where that suffices), bicubic.
 * @throws AppError IMAGE_UNSUPPORTED, IMAGE_UNREADABLE, IMAGE_TOO_LARGE
 */
export async function decodeImage(
  bytes: Uint8Array,
  { maxPixels, plan }: DecodeOptions,
): Promise<DecodedImage> {
  const metadata = await metadataOf(bytes);
  const { format, ...upright } = infoOf(metadata, maxPixels);
  const { region, resize, crop, pad } = plan(upright);

  let pipeline = openPicture(bytes, metadata, maxPixels);
  if (region !== undefined) pipeline = pipeline.extract({ ...region });
  pipeline = pipeline.resize(resize.width, resize.height, { fit: 'fill', kernel: 'cubic' });
  if (crop !== undefined) pipeline = pipeline.extract({ ...crop });
  if (pad !== undefined) {
    const { color, ...margins } = pad;
    pipeline = pipeline.extend({ ...margins, background: color });
  }
  const { data, info } = await decoding(pipeline.raw().toBuffer({ resolveWithObject: true }));

  const kept = crop ?? resize;
  const part = region ?? upright;
  return {
    pixels: toRgb(data, info.channels),
    width: info.width,
    height: info.height,
    content: { left: pad?.left ?? 0, top: pad?.top ?? 0, width: kept.width, height: kept.height },
    shown: {
      width: (part.width * kept.width) / resize.width,
      height: (part.height * kept.height) / resize.height,
    },
    upright,
    format,
  };
}

/**
 * A small JPEG, longest side `maxSide`, of pixels that are decoded already; the aspect is that of the picture. JPEG,
 * because a WebP of this size takes several times as long to encode, and one is made for every search.
 */
export async function encodeThumbnail(image: DecodedImage, maxSide: number): Promise<Uint8Array> {
  const { shown, content } = image;
  const scale = Math.min(1, maxSide / Math.max(shown.width, shown.height));
  const side = (length: number): number => Math.max(1, Math.round(length * scale));
  let pipeline = sharp(image.pixels, { raw: { width: image.width, height: image.height, channels: 3 } });
  if (content.width !== image.width || content.height !== image.height)
    pipeline = pipeline.extract({ ...content });
  return pipeline
    .resize(side(shown.width), side(shown.height), { fit: 'fill', kernel: 'linear' })
    .jpeg({ quality: 75 })
    .toBuffer();
}

/** A PNG of pixels, 8 bit, row-major: RGB, or RGBA when there are that many. */
export async function encodePng(pixels: Uint8Array, { width, height }: Size): Promise<Uint8Array> {
  const channels = pixels.length === width * height * 4 ? 4 : 3;
  return sharp(pixels, { raw: { width, height, channels } }).png({ adaptiveFiltering: true }).toBuffer();
}

/**
 * A WebP of the whole picture, `width` wide, or as wide as the picture when that is narrower.
 * @throws AppError IMAGE_UNSUPPORTED, IMAGE_UNREADABLE, IMAGE_TOO_LARGE
 */
export async function makeThumbnail(
  bytes: Uint8Array,
  width: number,
  { maxPixels }: { readonly maxPixels: number },
): Promise<Uint8Array> {
  const metadata = await metadataOf(bytes);
  infoOf(metadata, maxPixels);
  const pipeline = openPicture(bytes, metadata, maxPixels)
    // The height is bounded, too: a strip of 1 x 20000 is taller than WebP allows.
    .resize({ width, height: width * 4, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 80, effort: 2 });
  return decoding(pipeline.toBuffer());
}

function openPicture(bytes: Uint8Array, metadata: Metadata, maxPixels: number): Sharp {
  const ignoreIcc = metadata.icc !== undefined && isSrgbProfile(metadata.icc);
  let pipeline = sharp(bytes, { ...LENIENCY, limitInputPixels: maxPixels, ignoreIcc }).autoOrient();
  if (metadata.hasAlpha) pipeline = pipeline.flatten({ background: '#ffffff' });
  return pipeline.toColourspace('srgb');
}

/** Truncated and corrupt files are refused; stray bytes and wrong EXIF fields, as people's files have them, are not. */
const LENIENCY = { failOn: 'error' } as const satisfies SharpOptions;

async function metadataOf(bytes: Uint8Array): Promise<Metadata> {
  if (bytes.length === 0) throw new AppError('IMAGE_UNREADABLE', 'The file is empty.');
  const sniffed = sniffFormat(bytes);
  if (sniffed === null || typeof sniffed === 'object') throw unsupported(sniffed?.foreign);
  // The limit is judged by infoOf, which can say by how much it is exceeded.
  return decoding(sharp(bytes, { ...LENIENCY, limitInputPixels: false }).metadata());
}

function infoOf(metadata: Metadata, maxPixels: number): ImageInfo {
  const { compression } = metadata;
  const format = metadata.format === 'heif' ? 'avif' : metadata.format;
  if (metadata.format === 'heif' && compression !== 'av1') throw unsupported('HEIC');
  if (!isImageFormat(format)) throw unsupported(format);
  const { width, height } = metadata.autoOrient;
  const actual = width * height;
  if (actual > maxPixels) {
    throw new AppError(
      'IMAGE_TOO_LARGE',
      `The picture has ${actual} pixels; at most ${maxPixels} are allowed.`,
      {
        details: { limit: maxPixels, actual, unit: 'pixels' },
      },
    );
  }
  return { format, width, height };
}

function unsupported(foreign?: string): AppError {
  const what =
    foreign === undefined
      ? 'The file is not a picture of a known format.'
      : `${foreign} files are not supported.`;
  return new AppError('IMAGE_UNSUPPORTED', `${what} Send a JPEG, PNG, WebP, GIF, AVIF or TIFF.`, {
    details: { supported: Object.keys(FORMATS) },
  });
}

/** Whatever sharp throws once the format is known is about the file. */
async function decoding<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new AppError('IMAGE_UNREADABLE', 'The picture is corrupt or truncated.', {
      details: { decoder: messageOf(error).split('\n', 1)[0]?.slice(0, 200) },
      cause: error,
    });
  }
}

/** Grey comes out of the pipeline with one channel. */
function toRgb(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return data;
  const count = data.length / channels;
  const rgb = new Uint8Array(count * 3);
  const [green, blue] = channels < 3 ? [0, 0] : [1, 2];
  for (let i = 0, from = 0, to = 0; i < count; i++, from += channels, to += 3) {
    rgb[to] = data[from]!;
    rgb[to + 1] = data[from + green]!;
    rgb[to + 2] = data[from + blue]!;
  }
  return rgb;
}
