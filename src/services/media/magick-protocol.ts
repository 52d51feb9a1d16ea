import type { Pixels } from './tiff-file.js';

/** What `MagickDecoder` and its thread say to each other: one question, one answer. */

/** Formats that ImageMagick reads. */
export type MagickFormat = 'heic' | 'jxl' | 'bmp' | 'ico' | 'psd';

export interface MagickSettings {
  /** Memory beyond this is refused, so that a file that asks for more cannot be read. */
  readonly maxBytes: number;
}

export interface MagickRequest {
  readonly format: MagickFormat;
  readonly bytes: Uint8Array;
  /** Null asks for the size alone, by the header; else every block of so many pixels a side becomes one. */
  readonly shrink: number | null;
}

export type MagickAnswer =
  | { readonly kind: 'size'; readonly width: number; readonly height: number; readonly orientation: number }
  | { readonly kind: 'pixels'; readonly pixels: Pixels; readonly memoryBytes: number }
  /** `fresh`: the next picture wants a new thread. */
  | { readonly kind: 'failed'; readonly message: string; readonly fresh: boolean };
