import { path } from './canvas.mjs';
import { noiseImage } from './noise-image.mjs';
import { createNoise } from './random.mjs';

/**
 * Clouds over the whole picture. `scale`: clouds down the height; `stretch` above 1 makes streaks; `cover` 0..1;
 * `fade`: opacities from top to bottom.
 */
export function clouds(
  canvas,
  random,
  { color, scale = 4, stretch = 3, cover = 0.5, softness = 1, fade = [1, 1], opacity = 1 },
) {
  const [width, height] = [Math.round(canvas.width / 3), Math.round(canvas.height / 3)];
  const at = (t) => {
    const index = Math.min(fade.length - 2, Math.floor(t * (fade.length - 1)));
    return fade[index] + (fade[index + 1] - fade[index]) * (t * (fade.length - 1) - index);
  };
  const cells = [(scale * canvas.width) / canvas.height / stretch, scale];
  canvas.image(
    0,
    0,
    canvas.width,
    canvas.height,
    noiseImage(random, { width, height, color, cells, gain: 1 / softness, cover, fade: at }),
    { opacity },
  );
}

/** A soft light around a point. */
export function glow(canvas, x, y, radius, color, strength = 0.8) {
  const fill = canvas.radial([
    [color, strength],
    [color, strength * 0.45],
    [color, strength * 0.14],
    [color, 0],
  ]);
  canvas.circle(x, y, radius, fill);
}

/** Points of a hill line from left to right; `jag` 0 is rolling, 1 is rocky. */
export function ridgePoints(random, { width, base, height, waves = 3, jag = 0.5, step = 4 }) {
  const noise = createNoise(random);
  const offset = random.range(0, 200);
  const octaves = jag > 0 ? 2 + Math.round(jag * 5) : 2;
  const points = [];
  for (let x = -step; x <= width + step; x += step) {
    const value = noise(offset + (x / width) * waves, octaves, 0.3 + jag * 0.25);
    points.push([x, base - (value * 0.5 + 0.5) * height]);
  }
  return points;
}

/** Closes a line of points down to the lower edge. */
export function below(points, height) {
  return `${path.line(points)}L${points.at(-1)[0]} ${height}L${points[0][0]} ${height}Z`;
}

/** Height of a line at x. */
export function lineAt(points, x) {
  const right = points.findIndex(([px]) => px >= x);
  if (right <= 0) return points.at(right === 0 ? 0 : -1)[1];
  const [[x0, y0], [x1, y1]] = [points[right - 1], points[right]];
  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}

/** Outline of a fir: tiers that widen downwards, with uneven tips. */
export function firPath(random, x, base, height, spread = 0.36) {
  const tiers = Math.max(5, Math.round(height / 14));
  const left = [];
  const right = [];
  for (let i = 0; i < tiers; i++) {
    const top = base - height * (1 - i / tiers);
    const bottom = base - height * (1 - (i + 1) / tiers) + height * 0.03;
    const half = height * spread * 0.5 * ((i + 1) / tiers) ** 0.85;
    left.push([x - half * 0.32, top], [x - half * random.range(0.82, 1.12), bottom]);
    right.push([x + half * 0.32, top], [x + half * random.range(0.82, 1.12), bottom]);
  }
  const trunk = height * 0.025;
  const foot = [
    [x - trunk, base - height * 0.01],
    [x - trunk, base + height * 0.06],
    [x + trunk, base + height * 0.06],
    [x + trunk, base - height * 0.01],
  ];
  return `${path.line([[x, base - height * 1.02], ...left, ...foot, ...right.reverse()])}Z`;
}

/** Short horizontal strokes that grow towards the viewer: light on water. */
export function waterStrokes(
  canvas,
  random,
  { top, colors, count, opacity = 0.5, reach = [0, 1], around, spread },
) {
  const depth = canvas.height - top;
  for (let i = 0; i < count; i++) {
    const near = random.range(...reach) ** 1.6;
    const y = top + depth * near + 1;
    const x =
      around === undefined ? random.range(0, canvas.width) : around + random.bell() * spread * (0.35 + near);
    const length = canvas.width * (0.012 + near * random.range(0.02, 0.1));
    canvas.ellipse(x, y, length, 0.6 + near * random.range(1, 3.4), random.pick(colors), {
      opacity: opacity * random.range(0.25, 1),
    });
  }
}
