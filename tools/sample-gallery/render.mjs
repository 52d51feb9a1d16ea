import sharp from 'sharp';
import { Canvas } from './canvas.mjs';
import { createRandom } from './random.mjs';

/** Width and height in pixels, one for each picture of a group: landscapes, squares and portraits. */
const SIZES = [
  [840, 560],
  [810, 540],
  [680, 680],
  [880, 495],
  [600, 750],
  [800, 600],
  [760, 570],
  [585, 780],
  [832, 520],
  [750, 600],
];

const GRAIN_TILE = 192;

/** Fine grain, as film has it: keeps gradients from banding. Black and white specks, mostly transparent. */
function grain(random, strength) {
  const data = Buffer.alloc(GRAIN_TILE * GRAIN_TILE * 4);
  for (let i = 0; i < data.length; i += 4) {
    const value = random.bell();
    data[i] = data[i + 1] = data[i + 2] = value > 0 ? 255 : 0;
    data[i + 3] = Math.min(255, Math.abs(value) * strength);
  }
  return { input: data, raw: { width: GRAIN_TILE, height: GRAIN_TILE, channels: 4 }, tile: true };
}

/**
 * Draws picture `index` of a group.
 * @returns {Promise<{ bytes: Buffer, extension: string, scene: object }>}
 */
export async function renderScene(group, index) {
  const scene = group.scenes[index];
  const random = createRandom(`${group.name}/${index}/1`);
  const size = SIZES[(index + group.name.length) % SIZES.length];
  const [width, height] = group.landscape ? [Math.max(...size), Math.min(...size)] : size;
  const canvas = new Canvas(width, height);
  group.paint(canvas, random, scene);
  const picture = sharp(Buffer.from(canvas.toString()), { limitInputPixels: 4_000_000 }).flatten({
    background: '#ffffff',
  });
  const grained = group.grain === 0 ? picture : picture.composite([grain(random, group.grain ?? 7)]);
  const extension = group.formats?.[index] ?? (index === 4 || index === 8 ? 'webp' : 'jpg');
  const encode = {
    jpg: () => grained.jpeg({ quality: 82, optimizeCoding: true }),
    webp: () => grained.webp({ quality: 80, effort: 2 }),
    png: () => grained.png({ compressionLevel: 9, palette: true }),
  };
  return { bytes: await encode[extension]().toBuffer(), extension, scene };
}
