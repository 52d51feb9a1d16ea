/** D50-adapted colorants of sRGB (IEC 61966-2-1), as sRGB profiles carry them: rXYZ, gXYZ, bXYZ. */
const SRGB_COLORANTS = {
  rXYZ: [0.4361, 0.2225, 0.0139],
  gXYZ: [0.3851, 0.7169, 0.0971],
  bXYZ: [0.1431, 0.0606, 0.7141],
} as const;
const COLORANT_TOLERANCE = 0.003;
/** Linear value of the encoded value 0.5 in sRGB. */
const SRGB_HALF = 0.214;
const CURVE_TOLERANCE = 0.008;

/**
 * Whether an ICC profile (ICC.1, matrix/TRC model) describes sRGB, the default without a profile. Most embedded profiles
 * do, and applying one costs more than decoding (7 of 11 ms for a 600 x 450 JPEG). False if unsure.
 */
export function isSrgbProfile(profile: Uint8Array): boolean {
  const data = Buffer.from(profile.buffer, profile.byteOffset, profile.byteLength);
  try {
    if (data.toString('latin1', 16, 24) !== 'RGB XYZ ') return false;
    const tags = new Map<string, Buffer>();
    const count = Math.min(data.readUInt32BE(128), 100);
    for (let i = 0; i < count; i++) {
      const at = 132 + 12 * i;
      const from = data.readUInt32BE(at + 4);
      tags.set(data.toString('latin1', at, at + 4), data.subarray(from, from + data.readUInt32BE(at + 8)));
    }
    if (tags.has('A2B0')) return false; // a lookup table, which overrides the matrix
    return (
      Object.entries(SRGB_COLORANTS).every(([name, expected]) => {
        const tag = tags.get(name);
        return (
          tag !== undefined &&
          expected.every((value, i) => Math.abs(fixed(tag, 8 + 4 * i) - value) < COLORANT_TOLERANCE)
        );
      }) &&
      ['rTRC', 'gTRC', 'bTRC'].every((name) => {
        const tag = tags.get(name);
        return tag !== undefined && Math.abs(curveAtHalf(tag) - SRGB_HALF) < CURVE_TOLERANCE;
      })
    );
  } catch {
    return false; // damaged: let the decoder judge
  }
}

/** s15Fixed16Number. */
const fixed = (tag: Buffer, at: number): number => tag.readInt32BE(at) / 65536;

/** A curve (`curv`) or parametric curve (`para`, types 0 to 4) at 0.5, which is above every linear part. */
function curveAtHalf(tag: Buffer): number {
  const type = tag.toString('latin1', 0, 4);
  if (type === 'curv') {
    const count = tag.readUInt32BE(8);
    if (count === 0) return 0.5;
    if (count === 1) return 0.5 ** (tag.readUInt16BE(12) / 256);
    const place = (count - 1) / 2;
    const value = (index: number): number => tag.readUInt16BE(12 + 2 * index) / 65535;
    return (value(Math.floor(place)) + value(Math.ceil(place))) / 2;
  }
  if (type !== 'para') return NaN;
  const kind = tag.readUInt16BE(8);
  const parameter = (index: number): number => fixed(tag, 12 + 4 * index);
  const gamma = parameter(0);
  if (kind === 0) return 0.5 ** gamma;
  const base = (parameter(1) * 0.5 + parameter(2)) ** gamma;
  return kind === 2 ? base + parameter(3) : kind === 4 ? base + parameter(5) : base;
}
