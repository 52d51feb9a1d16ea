import type { Pixels } from './tiff-file.js';

/** The protocol between `MagickDecoder` and its thread: one request, one answer. */

/** Formats that ImageMagick reads. */
export type MagickFormat = 'heic' | 'jxl' | 'bmp' | 'ico' | 'psd';

export interface MagickSettings {
  /** Memory limit; a file that needs more cannot be read. */
  readonly maxBytes: number;
}

export interface MagickRequest {
  readonly format: MagickFormat;
  readonly bytes: Uint8Array;
  /** Null: only the size, from the header. Otherwise the side of the blocks of pixels that become one. */
  readonly shrink: number | null;
}

export type MagickAnswer =
  | { readonly kind: 'size'; readonly width: number; readonly height: number; readonly orientation: number }
  | { readonly kind: 'pixels'; readonly pixels: Pixels; readonly memoryBytes: number }
  /** `fresh`: the next picture wants a new thread. */
  | { readonly kind: 'failed'; readonly message: string; readonly fresh: boolean };
