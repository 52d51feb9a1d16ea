const COLOUR = Buffer.from('colrnclx', 'latin1');
/** Boxes that describe a picture precede its data. */
const META_BYTES = 65_536;
/** SMPTE EG 432-1, in ITU-T H.273, table 2. */
const DISPLAY_P3 = 12;

/** Whether a HEIF file without an ICC profile declares Display P3 colours (ISO/IEC 14496-12, `colr` box). */
export function hasP3Primaries(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, META_BYTES));
  const at = head.indexOf(COLOUR);
  return at !== -1 && at + 10 <= head.length && head.readUInt16BE(at + 8) === DISPLAY_P3;
}
