/** Fields of the first directory of a TIFF file (TIFF 6.0, section 2) that distinguish camera raw from other pictures. */
export interface Ifd0 {
  readonly make: string;
  /** EXIF orientation, 1 to 8. */
  readonly orientation: number;
  /** Whether there are directories below this one. */
  readonly hasSubIfds: boolean;
  readonly isDng: boolean;
}

const MAKE = 0x010f;
const ORIENTATION = 0x0112;
const SUB_IFDS = 0x014a;
const DNG_VERSION = 0xc612;

const NOTHING: Ifd0 = { make: '', orientation: 1, hasSubIfds: false, isDng: false };

/** @param bytes a file, or a part of one, from its byte-order mark on; damaged parts are ignored */
export function readIfd0(bytes: Uint8Array): Ifd0 {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const little = view.getUint16(0) === 0x4949;
    const ifd = view.getUint32(4, little);
    const count = view.getUint16(ifd, little);
    const found = { ...NOTHING };
    for (let i = 0, at = ifd + 2; i < count; i++, at += 12) {
      const value = at + 8;
      switch (view.getUint16(at, little)) {
        case MAKE: {
          const length = Math.min(view.getUint32(at + 4, little), 64);
          const from = length <= 4 ? value : view.getUint32(value, little);
          found.make = Buffer.from(bytes.subarray(from, from + length)).toString('latin1');
          break;
        }
        case ORIENTATION:
          found.orientation = orientationOf(view.getUint16(value, little));
          break;
        case SUB_IFDS:
          found.hasSubIfds = true;
          break;
        case DNG_VERSION:
          found.isDng = true;
          break;
      }
    }
    return found;
  } catch (error) {
    if (error instanceof RangeError) return NOTHING;
    throw error;
  }
}

const orientationOf = (value: number): number => (value >= 1 && value <= 8 ? value : 1);
