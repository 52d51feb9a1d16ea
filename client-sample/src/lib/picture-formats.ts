/** What the server reads (`GalleryImage.format` of its schema) and endings of such files. */
const ENDINGS = {
  jpeg: ['jpg', 'jpeg', 'jpe', 'jfif'],
  png: ['png'],
  webp: ['webp'],
  gif: ['gif'],
  avif: ['avif'],
  tiff: ['tif', 'tiff'],
  heic: ['heic', 'heif', 'hif'],
  jxl: ['jxl'],
  bmp: ['bmp', 'dib'],
  ico: ['ico'],
  psd: ['psd', 'psb'],
  dng: ['dng'],
  cr2: ['cr2'],
  cr3: ['cr3'],
  nef: ['nef'],
  arw: ['arw'],
  raf: ['raf'],
  orf: ['orf'],
} as const;

/** Of these all browsers show the file itself. */
const SHOWN: ReadonlySet<string> = new Set(['jpeg', 'png', 'webp', 'gif', 'avif', 'bmp', 'ico']);

const ALL: ReadonlySet<string> = new Set(Object.values(ENDINGS).flat());

export const isShownByBrowsers = (format: string): boolean => SHOWN.has(format);

export const hasPictureEnding = (name: string): boolean =>
  ALL.has(name.slice(name.lastIndexOf('.') + 1).toLowerCase());

/** What to give the `accept` of a file input. An iPhone keeps its HEIC files as they are when it finds them here. */
export const ACCEPT = ['image/heic', 'image/heif', ...[...ALL].map((ending) => `.${ending}`)].join(',');
