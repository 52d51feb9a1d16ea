/** Reads a float32 .npy file of version 1.0 the way NumPy does, and refuses everything else. */
export function readNpy(file: Buffer): { shape: number[]; values: Float32Array } {
  if (file.toString('latin1', 0, 8) !== '\x93NUMPY\x01\x00')
    throw new Error('not a .npy file of version 1.0');
  const start = 10 + file.readUInt16LE(8);
  if (start % 64 !== 0 || file[start - 1] !== 0x0a)
    throw new Error('the header is not aligned, or has no end');
  const header = file.toString('latin1', 10, start);
  const [, rows, columns] =
    /^\{'descr': '<f4', 'fortran_order': False, 'shape': \((\d+), (\d+)\), \} *\n$/.exec(header) ?? [];
  const shape = [Number(rows), Number(columns)];
  const data = file.subarray(start);
  if (data.length !== 4 * Number(rows) * Number(columns))
    throw new Error('the file is not as long as its shape says');
  const values = new Float32Array(data.length / 4);
  values.forEach((_, i) => (values[i] = data.readFloatLE(4 * i)));
  return { shape, values };
}
