import sharp, { type Sharp } from 'sharp';

/** Deterministic pseudo-random numbers in 0..1 (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A picture of coloured shapes that no other seed gives. */
export function drawing(seed: number, width = 320, height = 240): Sharp {
  const random = seededRandom(seed);
  const color = (): string =>
    `hsl(${Math.floor(random() * 360)} ${40 + Math.floor(random() * 60)}% ${20 + Math.floor(random() * 60)}%)`;
  const shapes = Array.from({ length: 12 }, () => {
    const [x, y, size] = [random() * width, random() * height, 20 + random() * 100];
    return random() < 0.5
      ? `<circle cx="${x}" cy="${y}" r="${size / 2}" fill="${color()}"/>`
      : `<rect x="${x}" y="${y}" width="${size}" height="${size * random()}" fill="${color()}" transform="rotate(${random() * 90} ${x} ${y})"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${color()}"/>${shapes.join('')}</svg>`;
  return sharp(Buffer.from(svg)).flatten();
}

export const jpeg = (seed: number, width?: number, height?: number): Promise<Buffer> =>
  drawing(seed, width, height).jpeg({ quality: 88 }).toBuffer();
