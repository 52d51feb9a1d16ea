import sharp from 'sharp';
import type { ImageFormat } from './format.js';
import { decoding, openPicture } from './open-picture.js';

/** With `open-picture` the only user of sharp. Runs in worker processes, so that a decoder that crashes does not take the server down. */

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

/** The steps from the upright picture to the wanted pixels, in this order. */
export interface ResizePlan {
  /** Part of the upright picture to keep; all of it if left out. */
  readonly region?: Box;
  /** Size to scale that part to; the aspect ratio may change. */
  readonly resize: Size;
  /** Part of the resized picture to keep. */
  readonly crop?: Box;
  /** Margins to add around it; not together with `crop`. */
  readonly pad?: Padding;
}

export interface DecodeOptions {
  /** Refuse pictures whose header states more pixels. */
  readonly maxPixels: number;
  /** Called with the size of the upright picture. */
  readonly plan: (upright: Size) => ResizePlan;
}

export interface DecodedImage extends Size {
  /** RGB, 8 bit, row-major, `width` x `height`. */
  readonly pixels: Uint8Array;
  /** The picture within `pixels`, without the margins. */
  readonly content: Box;
  /** Size in picture pixels of what `content` shows, which gives its true aspect ratio. */
  readonly shown: Size;
  /** The whole upright picture. */
  readonly upright: Size;
  readonly format: ImageFormat;
  /** A JPEG whose end is missing: it lacks the last rows, or the finest detail. */
  readonly incomplete: boolean;
}

/**
 * Makes sharp safe and lean for this process: only loaders of the supported formats, no operation cache (which keeps
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
 * Decodes the first frame or page of an encoded picture, or the preview in a camera raw file: upright, sRGB,
 * transparency over white, scaled bicubically to the wanted size in one pipeline (a JPEG is decoded at a fraction of its
 * size if that suffices).
 * @throws AppError IMAGE_UNSUPPORTED, IMAGE_UNREADABLE, IMAGE_TOO_LARGE
 */
export async function decodeImage(
  bytes: Uint8Array,
  { maxPixels, plan }: DecodeOptions,
): Promise<DecodedImage> {
  const source = await openPicture(bytes, maxPixels);
  const { format, incomplete, upright } = source;
  const { region, resize, crop, pad } = plan(upright);

  let pipeline = await source.open(region === undefined ? resize : null);
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
    incomplete,
  };
}

/**
 * A small JPEG of decoded pixels with longest side `maxSide`, in the picture's aspect ratio. JPEG, because a WebP of
 * this size takes several times as long to encode, and every search makes one.
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

/** A PNG of pixels, 8 bit, row-major: RGB or RGBA, depending on their number. */
export async function encodePng(pixels: Uint8Array, { width, height }: Size): Promise<Uint8Array> {
  const channels = pixels.length === width * height * 4 ? 4 : 3;
  return sharp(pixels, { raw: { width, height, channels } }).png({ adaptiveFiltering: true }).toBuffer();
}

/**
 * A WebP of the whole picture, `width` wide, or as wide as the picture if that is narrower.
 * @throws AppError IMAGE_UNSUPPORTED, IMAGE_UNREADABLE, IMAGE_TOO_LARGE
 */
export async function makeThumbnail(
  bytes: Uint8Array,
  width: number,
  { maxPixels }: { readonly maxPixels: number },
): Promise<Uint8Array> {
  const source = await openPicture(bytes, maxPixels);
  // The height is limited too: a strip of 1 x 20000 is taller than WebP allows.
  const box = { width, height: width * 4 };
  const scale = Math.min(1, box.width / source.upright.width, box.height / source.upright.height);
  const side = (length: number): number => Math.max(1, Math.ceil(length * scale));
  const least = { width: side(source.upright.width), height: side(source.upright.height) };
  const pipeline = (await source.open(least))
    .resize({ ...box, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 80, effort: 2 });
  return decoding(pipeline.toBuffer());
}

/** The pipeline returns grey pictures with one channel. */
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
