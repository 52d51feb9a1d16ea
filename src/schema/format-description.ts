/** Of fields that name a format; a test compares it with the formats there are. */
export const FORMAT_DESCRIPTION =
  'Detected from the content, not the file name: jpeg, png, webp, gif, avif, tiff, heic, jxl, bmp, ico or psd; of a camera raw file dng, cr2, cr3, nef, arw, raf or orf.';
