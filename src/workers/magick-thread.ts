import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import {
  ColorSpace,
  ImageMagick,
  initializeImageMagick,
  MagickError,
  MagickFormat,
  MagickImageInfo,
  MagickReadSettings,
  ResourceLimits,
  type IMagickImage,
  type IPixelCollection,
} from '@imagemagick/magick-wasm';
import { messageOf } from '../errors.js';
import type { MagickAnswer, MagickRequest, MagickSettings } from '../services/media/magick-protocol.js';
import type { Pixels } from '../services/media/tiff-file.js';

/**
 * Reads formats that sharp does not, with ImageMagick in WebAssembly, so that faults of its decoders stay within its
 * memory. In a separate thread, since a camera picture blocks it for half a second or more.
 */
const { maxBytes } = workerData as MagickSettings;

const FORMATS = {
  heic: MagickFormat.Heic,
  jxl: MagickFormat.Jxl,
  bmp: MagickFormat.Bmp,
  ico: MagickFormat.Ico,
  psd: MagickFormat.Psd,
} as const;

/** About this many pixels are copied at once. */
const PIXELS_AT_ONCE = 1 << 20;

let memoryBytes = 0;

/** Emscripten requests memory by this call; if it is refused, `malloc` fails. */
function boundMemory(): void {
  const { prototype } = WebAssembly.Memory;
  const grow = Reflect.get<WebAssembly.Memory, 'grow'>(prototype, 'grow');
  prototype.grow = function (this: WebAssembly.Memory, pages: number): number {
    const wanted = this.buffer.byteLength + pages * 65_536;
    if (wanted > maxBytes) throw new RangeError('The picture needs more memory than allowed.');
    memoryBytes = wanted;
    return grow.call(this, pages);
  };
}

function answer({ format, bytes, shrink }: MagickRequest): MagickAnswer {
  // The format is given, so that none of ImageMagick's other readers is tried.
  const settings = new MagickReadSettings({ format: FORMATS[format], frameIndex: 0, frameCount: 1 });
  if (shrink === null) {
    const { width, height, orientation } = MagickImageInfo.create(bytes, settings);
    return { kind: 'size', width, height, orientation };
  }
  const pixels = ImageMagick.read(bytes, settings, (image) => toPixels(image, shrink));
  return { kind: 'pixels', pixels, memoryBytes };
}

function toPixels(image: IMagickImage, shrink: number): Pixels {
  const isCmyk = image.colorSpace === ColorSpace.CMYK;
  if (!isCmyk && image.colorSpace !== ColorSpace.Gray) image.colorSpace = ColorSpace.sRGB;
  const kind = isCmyk ? 'cmyk' : image.hasAlpha ? 'rgba' : 'rgb';
  const profile = image.getColorProfile()?.data ?? null;
  const width = Math.ceil(image.width / shrink);
  const height = Math.ceil(image.height / shrink);
  const data = image.getPixels((from) => shrunk(from, image, kind, shrink));
  return { data, width, height, kind, profile };
}

/** Means of blocks of `shrink` x `shrink`; those at the right and bottom may be smaller. */
function shrunk(
  from: IPixelCollection,
  { width, height }: { readonly width: number; readonly height: number },
  kind: Pixels['kind'],
  shrink: number,
): Uint8Array {
  const samples = kind.length;
  const columns = Math.ceil(width / shrink);
  const data = new Uint8Array(columns * Math.ceil(height / shrink) * samples);
  const rowsAtOnce = shrink * Math.max(1, Math.floor(PIXELS_AT_ONCE / width / shrink));
  const sums = new Float64Array(columns * samples);
  for (let top = 0; top < height; top += rowsAtOnce) {
    const rows = Math.min(rowsAtOnce, height - top);
    const taken = from.toByteArray(0, top, width, rows, kind.toUpperCase());
    if (taken === null || taken.length !== width * rows * samples) throw new Error('Pixels are missing.');
    if (shrink === 1) {
      data.set(taken, top * width * samples);
      continue;
    }
    for (let row = 0; row < rows; row += shrink) {
      const deep = Math.min(shrink, rows - row);
      sums.fill(0);
      for (let y = row; y < row + deep; y++) {
        let at = y * width * samples;
        for (let column = 0, to = 0; column < columns; column++, to += samples) {
          const end = Math.min(width, (column + 1) * shrink);
          for (let x = column * shrink; x < end; x++)
            for (let sample = 0; sample < samples; sample++) sums[to + sample]! += taken[at++]!;
        }
      }
      const place = ((top + row) / shrink) * columns * samples;
      for (let i = 0; i < sums.length; i++) {
        const wide = Math.min(shrink, width - Math.floor(i / samples) * shrink);
        data[place + i] = Math.round(sums[i]! / (wide * deep));
      }
    }
  }
  return data;
}

boundMemory();
const wasm = createRequire(import.meta.url).resolve('@imagemagick/magick-wasm/magick.wasm');
await initializeImageMagick(await readFile(wasm));
// Overflow would go to files, which are in memory too, but outside the limit.
ResourceLimits.disk = 0n;

parentPort!.on('message', (request: MagickRequest) => {
  let outcome: MagickAnswer;
  try {
    outcome = answer(request);
  } catch (error) {
    // Any other error may have left the library in a bad state.
    outcome = { kind: 'failed', message: messageOf(error), fresh: !(error instanceof MagickError) };
  }
  const given = outcome.kind === 'pixels' ? [outcome.pixels.data.buffer as ArrayBuffer] : [];
  parentPort!.postMessage(outcome, given);
});
