import sharp from 'sharp';

const upright = (bytes) => sharp(bytes).autoOrient();

/** Width and height as displayed. */
async function sizeOf(bytes) {
  const { autoOrient } = await sharp(bytes).metadata();
  return autoOrient;
}

async function crop(bytes, share) {
  const { width, height } = await sizeOf(bytes);
  const [w, h] = [Math.round(width * share), Math.round(height * share)];
  return upright(bytes)
    .extract({ left: Math.round((width - w) / 2), top: Math.round((height - h) / 2), width: w, height: h })
    .jpeg({ quality: 95 })
    .toBuffer();
}

/** The same picture stored rotated and mirrored, with the EXIF tag that corrects it. */
async function stored(bytes, orientation) {
  const turned = { 3: 180, 4: 180, 5: 90, 6: 270, 7: 270, 8: 90 }[orientation] ?? 0;
  const mirrored = [2, 4, 5, 7].includes(orientation);
  const once = await sharp(await upright(bytes).png().toBuffer())
    .rotate(turned)
    .png()
    .toBuffer();
  return sharp(once).flop(mirrored).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
}

/** Changed copies of a picture, by the kind of change. */
export const ATTACKS = {
  mirrored: (bytes) => upright(bytes).flop().jpeg({ quality: 95 }).toBuffer(),
  'blurred, sigma 2 at 512 pixels': async (bytes) =>
    sharp(await upright(bytes).resize(512, 512, { fit: 'outside' }).png().toBuffer())
      .blur(2)
      .jpeg({ quality: 95 })
      .toBuffer(),
  'JPEG, quality 30': (bytes) => upright(bytes).jpeg({ quality: 30 }).toBuffer(),
  'half the size': async (bytes) =>
    upright(bytes)
      .resize(Math.round((await sizeOf(bytes)).width / 2))
      .jpeg({ quality: 90 })
      .toBuffer(),
  'cropped to the middle 85 %': (bytes) => crop(bytes, 0.85),
  grey: (bytes) => upright(bytes).greyscale().jpeg({ quality: 95 }).toBuffer(),
  'exposure x 0.75': (bytes) => upright(bytes).linear(0.75, 0).jpeg({ quality: 95 }).toBuffer(),
  'WebP, quality 50': (bytes) => upright(bytes).webp({ quality: 50 }).toBuffer(),
  'EXIF orientations 1 to 8': (bytes, i) => stored(bytes, 1 + (i % 8)),
};
