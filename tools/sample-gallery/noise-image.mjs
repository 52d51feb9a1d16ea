import { crc32, deflateSync } from 'node:zlib';

/**
 * Perlin's gradient noise on a plane (Perlin 1985, 2002), summed over octaves; about -1..1.
 * SVG has the same as feTurbulence, but drawn at full size that takes most of a picture's time.
 */
function createNoise2d(random) {
  const order = random.shuffle(Array.from({ length: 256 }, (_, i) => i));
  const table = Uint8Array.from([...order, ...order]);
  const angles = Float64Array.from({ length: 256 }, () => random.range(0, Math.PI * 2));
  const gx = angles.map(Math.cos);
  const gy = angles.map(Math.sin);
  const fade = (t) => t * t * t * (t * (t * 6 - 15) + 10);
  const plain = (x, y) => {
    const [x0, y0] = [Math.floor(x), Math.floor(y)];
    const [dx, dy] = [x - x0, y - y0];
    const corner = (i, j) => {
      const at = table[table[(x0 + i) & 255] + ((y0 + j) & 255)];
      return gx[at] * (dx - i) + gy[at] * (dy - j);
    };
    const u = fade(dx);
    const top = corner(0, 0) * (1 - u) + corner(1, 0) * u;
    const bottom = corner(0, 1) * (1 - u) + corner(1, 1) * u;
    return (top + (bottom - top) * fade(dy)) * 1.4;
  };
  return (x, y, octaves) => {
    let sum = 0;
    for (let octave = 0, size = 1; octave < octaves; octave++, size *= 2) {
      sum += plain(x * size + octave * 17.7, y * size + octave * 9.1) / size;
    }
    return sum;
  };
}

/** A PNG of RGBA bytes, the smallest the format allows. */
function encodePng(width, height, rgba) {
  const rows = Buffer.alloc((width * 4 + 1) * height);
  for (let y = 0; y < height; y++)
    rgba.copy(rows, y * (width * 4 + 1) + 1, y * width * 4, (y + 1) * width * 4);
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(body.length + 8);
    frame.writeUInt32BE(data.length, 0);
    body.copy(frame, 4);
    frame.writeUInt32BE(crc32(body), body.length + 4);
    return frame;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 1 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/**
 * Noise as the opacity of one colour, as a data URL.
 * @param {object} options `cells`: noise cells across and down; `gain`: contrast; `cover`: how much is covered (0..1);
 *   `fade(t)`: factor at height t (0 top, 1 bottom)
 */
export function noiseImage(
  random,
  { width, height, color, cells, octaves = 5, gain = 2, cover = 0.5, fade = () => 1 },
) {
  const noise = createNoise2d(random);
  const rgb = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  const data = Buffer.alloc(width * height * 4);
  for (let y = 0; y < height; y++) {
    const strength = fade(y / (height - 1)) * 255;
    for (let x = 0; x < width; x++) {
      const value =
        (noise((x / width) * cells[0], (y / height) * cells[1], octaves) + (cover - 0.5) * 1.6) * gain;
      const at = (y * width + x) * 4;
      data[at] = rgb[0];
      data[at + 1] = rgb[1];
      data[at + 2] = rgb[2];
      data[at + 3] = Math.round(Math.min(1, Math.max(0, value)) * strength);
    }
  }
  return `data:image/png;base64,${encodePng(width, height, data).toString('base64')}`;
}
