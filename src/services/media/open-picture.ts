import sharp, { type Metadata, type Sharp } from 'sharp';
import { AppError, messageOf } from '../../errors.js';
import type { Size } from './decode.js';
import { FORMATS, sniffFormat, type ImageFormat } from './format.js';
import { isSrgbProfile } from './icc.js';
import { largestIcon } from './icon.js';
import { beganLastScans, lacksEnd, readFrame } from './jpeg-markers.js';
import { MagickDecoder } from './magick-decoder.js';
import type { MagickFormat } from './magick-protocol.js';
import { hasP3Primaries } from './nclx.js';
import { findPreview } from './raw-preview.js';
import { toTiff } from './tiff-file.js';

/** An encoded picture whose header has been read, but which is not decoded. */
export interface OpenPicture {
  readonly format: ImageFormat;
  readonly upright: Size;
  readonly incomplete: boolean;
  /**
   * Decodes upright, in sRGB, over white.
   * @param least minimum size of the whole picture that suffices; null for full size
   */
  open(least: Size | null): Promise<Sharp>;
}

/** Starts its thread only when a picture needs it. */
let magick = new MagickDecoder();

/**
 * For tests, which run without a build.
 * @param threadUrl entry of the thread for formats that sharp does not read
 * @returns a function that ends the thread
 */
export function useMagickThread(threadUrl: URL): () => Promise<void> {
  magick = new MagickDecoder({ threadUrl });
  return () => magick.close();
}

/** @throws AppError IMAGE_UNSUPPORTED, IMAGE_UNREADABLE, IMAGE_TOO_LARGE */
export async function openPicture(bytes: Uint8Array, maxPixels: number): Promise<OpenPicture> {
  if (bytes.length === 0) throw new AppError('IMAGE_UNREADABLE', 'The file is empty.');
  const format = sniffFormat(bytes);
  if (format === null || typeof format === 'object') throw unsupported(format?.foreign);
  switch (FORMATS[format].decoder) {
    case 'sharp':
      return openWithSharp(bytes, format, maxPixels);
    case 'preview': {
      const preview = findPreview(bytes, format);
      if (preview === null) throw unreadable('The camera raw file has no preview.');
      return openWithSharp(preview, format, maxPixels);
    }
    case 'magick': {
      if (format !== 'ico') return openWithMagick(bytes, format as MagickFormat, maxPixels);
      const icon = largestIcon(bytes);
      if (icon === null) throw unreadable('The icon has no picture.');
      return icon.kind === 'png'
        ? openWithSharp(icon.bytes, format, maxPixels)
        : openWithMagick(icon.bytes, format, maxPixels);
    }
  }
}

async function openWithSharp(
  bytes: Uint8Array,
  format: ImageFormat,
  maxPixels: number,
): Promise<OpenPicture> {
  // The limit is checked below, where the error can name the actual size.
  const metadata = await decoding(sharp(bytes, { failOn: 'error', limitInputPixels: false }).metadata());
  if (metadata.format === 'heif' && metadata.compression !== 'av1')
    return openWithMagick(bytes, 'heic', maxPixels);
  const { width, height } = metadata.autoOrient;
  assertPixels({ width, height }, maxPixels);
  const incomplete = metadata.format === 'jpeg' && lacksEnd(bytes);
  if (incomplete) await assertNearlyWhole(bytes);
  const open = async (): Promise<Sharp> => pipelineOf(bytes, metadata, maxPixels, incomplete);
  return { format, upright: { width, height }, incomplete, open };
}

/** ImageMagick measures, decodes and, if wanted, shrinks by a whole number; sharp does the rest, as for all pictures. */
async function openWithMagick(
  bytes: Uint8Array,
  format: MagickFormat,
  maxPixels: number,
): Promise<OpenPicture> {
  const stored = psdSize(bytes, format) ?? (await decoding(magick.measure(bytes, format, maxPixels)));
  assertPixels(stored, maxPixels);
  // HEIC does not use EXIF for its rotation, and its decoder already applies it.
  const orientation = format === 'jxl' && stored.orientation >= 1 ? stored.orientation : 1;
  const turned = orientation >= 5;
  const upright = turned
    ? { width: stored.height, height: stored.width }
    : { width: stored.width, height: stored.height };
  const open = async (least: Size | null): Promise<Sharp> => {
    const shrink = least === null ? 1 : shrinkFor(upright, least);
    const pixels = await decoding(magick.decode(bytes, format, maxPixels, shrink));
    if (
      pixels.width !== Math.ceil(stored.width / shrink) ||
      pixels.height !== Math.ceil(stored.height / shrink)
    )
      throw unreadable('The picture does not have the size that its header states.');
    const profile = pixels.profile ?? (format === 'heic' && hasP3Primaries(bytes) ? await displayP3() : null);
    const tiff = toTiff({ ...pixels, profile }, orientation);
    return pipelineOf(tiff, await decoding(sharp(tiff).metadata()), maxPixels, false);
  };
  return { format, upright, incomplete: false, open };
}

/** Reads the size from the header (Adobe's file format specification), since ImageMagick takes seconds for a large file. */
function psdSize(bytes: Uint8Array, format: MagickFormat) {
  if (format !== 'psd') return null;
  if (bytes.length < 26) throw unreadable();
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { width: view.getUint32(18), height: view.getUint32(14), orientation: 1 };
}

/**
 * The side of the blocks of pixels that become one before the picture is resized to `least`. It leaves twice that size,
 * for quality. Of several candidates, the one that divides both sides best, since a partial block at the border would
 * count as a whole one.
 */
function shrinkFor({ width, height }: Size, least: Size): number {
  const fraction = Math.min(width / least.width, height / least.height);
  const most = Math.floor(fraction < 4 ? fraction : fraction / 2);
  const cut = (side: number, shrink: number): number => (shrink * Math.ceil(side / shrink) - side) / side;
  let best = { shrink: 1, cut: Infinity };
  for (let shrink = most; shrink > most / 2; shrink--) {
    const worst = Math.max(cut(width, shrink), cut(height, shrink));
    if (worst < best.cut) best = { shrink, cut: worst };
  }
  return best.shrink;
}

/** Refuses truncated and corrupt files, but not stray bytes and wrong EXIF fields, which are common. */
function pipelineOf(bytes: Uint8Array, metadata: Metadata, maxPixels: number, incomplete: boolean): Sharp {
  const ignoreIcc = metadata.icc !== undefined && isSrgbProfile(metadata.icc);
  const failOn = incomplete ? 'none' : 'error';
  let pipeline = sharp(bytes, { failOn, limitInputPixels: maxPixels, ignoreIcc }).autoOrient();
  if (metadata.hasAlpha) pipeline = pipeline.flatten({ background: '#ffffff' });
  return pipeline.toColourspace('srgb');
}

/** Display P3 as an ICC profile, which sharp includes. */
let p3: Promise<Uint8Array | null> | null = null;
const displayP3 = (): Promise<Uint8Array | null> =>
  (p3 ??= sharp({ create: { width: 1, height: 1, channels: 3, background: '#fff' } })
    .withIccProfile('p3')
    .png()
    .toBuffer()
    .then(async (png) => (await sharp(png).metadata()).icc ?? null));

/** Largest share of rows that may be missing in a JPEG without its end. */
const MOST_MISSING = 0.1;

/**
 * A decoder fills missing rows with the last colour, so the rows of a single colour at the bottom include all missing
 * ones. A progressive JPEG lacks detail everywhere instead.
 * @throws AppError IMAGE_UNREADABLE
 */
async function assertNearlyWhole(bytes: Uint8Array): Promise<void> {
  const frame = readFrame(bytes);
  if (frame === null) throw unreadable();
  if (frame.progressive && !beganLastScans(bytes)) throw unreadable();
  const eighth = (length: number): number => Math.ceil(length / 8);
  const { data, info } = await decoding(
    sharp(bytes, { failOn: 'none', limitInputPixels: false, ignoreIcc: true })
      .resize(eighth(frame.width), eighth(frame.height), { fit: 'fill', kernel: 'nearest' })
      .raw()
      .toBuffer({ resolveWithObject: true }),
  );
  const { width, height, channels } = info;
  const last = data.subarray(data.length - channels);
  const isLast = (value: number, i: number): boolean => Math.abs(value - last[i % channels]!) <= 1;
  let missing = 0;
  while (missing < height) {
    const end = data.length - missing * width * channels;
    if (!data.subarray(end - width * channels, end).every(isLast)) break;
    missing++;
  }
  // One row of a single colour may be genuine.
  if (missing > Math.max(1, height * MOST_MISSING)) throw unreadable();
}

function assertPixels({ width, height }: Size, maxPixels: number): void {
  const actual = width * height;
  if (actual <= maxPixels) return;
  const message = `The picture has ${actual} pixels; at most ${maxPixels} are allowed.`;
  throw new AppError('IMAGE_TOO_LARGE', message, { details: { limit: maxPixels, actual, unit: 'pixels' } });
}

function unsupported(foreign?: string): AppError {
  const what =
    foreign === undefined
      ? 'The file is not a picture of a known format.'
      : `${foreign} files are not supported.`;
  const titles = Object.values(FORMATS).map(({ title }) => title);
  return new AppError('IMAGE_UNSUPPORTED', `${what} Formats that are: ${titles.join(', ')}.`, {
    details: { supported: Object.keys(FORMATS) },
  });
}

const unreadable = (
  message = 'The picture is corrupt or truncated.',
  options: { details?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
): AppError => new AppError('IMAGE_UNREADABLE', message, options);

/** Once the format is known, any error of a decoder is the file's fault. */
export async function decoding<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const decoder = messageOf(error).split('\n', 1)[0]?.slice(0, 200);
    throw unreadable(undefined, { details: { decoder }, cause: error });
  }
}
