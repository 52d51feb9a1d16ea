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

/** An encoded picture, looked at but not decoded. */
export interface OpenPicture {
  readonly format: ImageFormat;
  readonly upright: Size;
  readonly incomplete: boolean;
  /**
   * Upright, in sRGB, over white.
   * @param least a size that is enough of the whole picture; all of it when null
   */
  open(least: Size | null): Promise<Sharp>;
}

/** Starts nothing before a picture needs it. */
let magick = new MagickDecoder();

/**
 * For tests, which run no build.
 * @param threadUrl entry of the thread for what sharp does not read
 * @returns ends it
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
  // The limit is judged below, where it can be said by how much it is exceeded.
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

/** Measured, decoded and, where that is wanted, shrunk by a whole number; the rest is sharp's, as for all others. */
async function openWithMagick(
  bytes: Uint8Array,
  format: MagickFormat,
  maxPixels: number,
): Promise<OpenPicture> {
  const stored = psdSize(bytes, format) ?? (await decoding(magick.measure(bytes, format, maxPixels)));
  assertPixels(stored, maxPixels);
  // HEIC says by other means than EXIF how it is to be turned, and its decoder does so.
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
      throw unreadable('The picture is not of the size it says.');
    const profile = pixels.profile ?? (format === 'heic' && hasP3Primaries(bytes) ? await displayP3() : null);
    const tiff = toTiff({ ...pixels, profile }, orientation);
    return pipelineOf(tiff, await decoding(sharp(tiff).metadata()), maxPixels, false);
  };
  return { format, upright, incomplete: false, open };
}

/** ImageMagick takes seconds to measure a large one. The header has its size (Adobe's file format specification). */
function psdSize(bytes: Uint8Array, format: MagickFormat) {
  if (format !== 'psd') return null;
  if (bytes.length < 26) throw unreadable();
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { width: view.getUint32(18), height: view.getUint32(14), orientation: 1 };
}

/**
 * How many pixels a side become one before the picture is resized to `least`, which does better with twice its size.
 * Of several, the number that divides both sides best: a block cut short at the border would count as a whole one.
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

/** Truncated and corrupt files are refused; stray bytes and wrong EXIF fields, as people's files have them, are not. */
function pipelineOf(bytes: Uint8Array, metadata: Metadata, maxPixels: number, incomplete: boolean): Sharp {
  const ignoreIcc = metadata.icc !== undefined && isSrgbProfile(metadata.icc);
  const failOn = incomplete ? 'none' : 'error';
  let pipeline = sharp(bytes, { failOn, limitInputPixels: maxPixels, ignoreIcc }).autoOrient();
  if (metadata.hasAlpha) pipeline = pipeline.flatten({ background: '#ffffff' });
  return pipeline.toColourspace('srgb');
}

/** Display P3 as an ICC profile; sharp brings one. */
let p3: Promise<Uint8Array | null> | null = null;
const displayP3 = (): Promise<Uint8Array | null> =>
  (p3 ??= sharp({ create: { width: 1, height: 1, channels: 3, background: '#fff' } })
    .withIccProfile('p3')
    .png()
    .toBuffer()
    .then(async (png) => (await sharp(png).metadata()).icc ?? null));

/** Of the rows of a JPEG whose end is missing, at most so large a share may be missing, too. */
const MOST_MISSING = 0.1;

/**
 * A decoder fills what is missing with the last colour it knew, so the rows at the bottom that are of one colour are at
 * least those. Of a progressive JPEG detail is missing instead, everywhere.
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
  // One row may be of one colour by nature.
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

/** Whatever a decoder throws once the format is known is about the file. */
export async function decoding<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const decoder = messageOf(error).split('\n', 1)[0]?.slice(0, 200);
    throw unreadable(undefined, { details: { decoder }, cause: error });
  }
}
