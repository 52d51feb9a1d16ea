/** Description of fields that name a format; a test compares it with the supported formats. */
export const FORMAT_DESCRIPTION =
  'Detected from the content, not the file name: jpeg, png, webp, gif, avif, tiff, heic, jxl, bmp, ico or psd; for a camera raw file dng, cr2, cr3, nef, arw, raf or orf.';
