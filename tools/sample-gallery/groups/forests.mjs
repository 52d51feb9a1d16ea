import { lighten, mix, ramp } from '../color.mjs';
import { firPath, glow, ridgePoints, below, lineAt } from '../nature.mjs';
import { path } from '../canvas.mjs';

/** Light between the trees, colour of the far and of the near trees. */
const scene = (title, tags, light, far, near, more = {}) => ({ title, tags, light, far, near, ...more });

export const group = {
  name: 'forests',
  scenes: [
    scene('Fir forest in morning mist', ['green'], '#eef5d8', '#a9c99a', '#12331f', {}),
    scene('Sunbeams between tall trunks', ['green', 'yellow'], '#f8f3b8', '#b4cf7c', '#1a3314', {
      rays: true,
      trunks: true,
    }),
    scene('Deep green woods', ['green', 'dark'], '#cfe6c4', '#79a884', '#0b2618', {}),
    scene('Emerald slope of firs', ['green', 'teal'], '#dff3e6', '#8cc4ab', '#073128', {}),
    scene('Path through the beech wood', ['green', 'yellow'], '#f4f7c6', '#bcd67f', '#2a401a', {
      trunks: true,
      trail: true,
    }),
    scene('Misty hills of spruce', ['green', 'grey'], '#eef1e8', '#b3c4b2', '#1b3328', {}),
    scene('Spring light in the wood', ['lime', 'green'], '#fbfbd0', '#c8e083', '#2f4d1c', {
      rays: true,
      trunks: true,
    }),
    scene('Forest edge at noon', ['green'], '#e9f6dc', '#98c77e', '#16401f', { rays: true }),
    scene('Old trunks and ferns', ['green', 'brown'], '#e6edb9', '#a3b86c', '#2b2f17', {
      trunks: true,
      ferns: true,
    }),
    scene('Firs above the mist', ['green', 'white'], '#f6f9f0', '#a7cbb8', '#0f3a2e', {}),
  ],

  paint(canvas, random, options) {
    const { width, height } = canvas;
    const { light, far, near, rays, trunks } = options;
    const sourceX = width * random.range(0.3, 0.75);
    canvas.background(canvas.sky([mix(light, far, 0.25), light, mix(light, far, 0.6), mix(far, near, 0.4)]));
    glow(canvas, sourceX, height * 0.26, Math.max(width, height) * 0.55, lighten(light, 0.05), 0.9);
    if (trunks) wood(canvas, random, options);
    else slopes(canvas, random, options);
    if (rays) beams(canvas, random, { x: sourceX, light });
  },
};

/** Rows of firs, each nearer, larger and darker. */
function slopes(canvas, random, { light, far, near }) {
  const { width, height } = canvas;
  const rows = 6;
  for (let i = 0; i < rows; i++) {
    const t = i / (rows - 1);
    const color = ramp([far, mix(far, near, 0.5), near], t);
    const base = height * (0.44 + 0.6 * t ** 1.15);
    const size = height * (0.1 + 0.34 * t ** 1.5);
    const points = ridgePoints(random, {
      width,
      base,
      height: height * 0.13,
      waves: 1.6 + i * 0.3,
      jag: 0.1,
    });
    canvas.path(below(points, height), color);
    const trees = [];
    for (let x = -size * 0.3; x < width + size * 0.3; x += size * random.range(0.09, 0.26)) {
      trees.push([x, size * (0.55 + 0.6 * random.next() ** 1.5)]);
    }
    for (const [x, tall] of random.shuffle(trees)) {
      const y = lineAt(points, Math.min(width, Math.max(0, x))) + tall * 0.1;
      canvas.path(firPath(random, x, y, tall, 0.4), lighten(color, random.range(-0.02, 0.03)));
    }
    if (i < rows - 1) {
      canvas.rect(
        0,
        base - height * 0.06,
        width,
        height * 0.26,
        canvas.gradient([
          [light, 0],
          [light, 0.62 - 0.4 * t],
          [light, 0],
        ]),
      );
    }
  }
}

/** Trunks that stand behind each other, leaves above and a floor below. */
function wood(canvas, random, { light, far, near, trail, ferns }) {
  const { width, height } = canvas;
  const unit = Math.min(width, height);
  const floor = height * 0.72;
  const rows = 5;
  canvas.rect(
    0,
    floor - height * 0.06,
    width,
    height * 0.4,
    canvas.sky([mix(far, light, 0.3), mix(far, near, 0.35), mix(far, near, 0.75)]),
  );
  if (trail) drawTrail(canvas, { floor, light, ground: mix(far, near, 0.5) });
  for (let i = 0; i < rows; i++) {
    const t = i / (rows - 1);
    const color = mix(mix(far, light, 0.25), near, 0.18 + 0.82 * t);
    const base = floor - height * 0.05 + height * 0.26 * t ** 1.3;
    leaves(canvas, random, {
      y: height * (0.2 - 0.16 * t),
      spread: height * 0.14,
      size: unit * (0.05 + 0.045 * t),
      color: mix(far, color, 0.6),
      light,
      count: Math.round(46 - 14 * t),
    });
    const count = Math.round(15 - 9.5 * t);
    for (let j = 0; j < count; j++) {
      const x = ((j + random.range(0.1, 0.9)) / count) * width;
      if (trail && Math.abs(x - width * 0.5) < width * (0.05 + 0.24 * t)) continue;
      trunk(canvas, random, {
        x,
        base: base + random.range(-0.01, 0.02) * height,
        thick: unit * (0.008 + 0.03 * t ** 1.4) * random.range(0.7, 1.3),
        color,
        light,
      });
    }
    if (i < rows - 1)
      canvas.background(
        canvas.gradient([
          [light, 0.05],
          [light, 0.16],
          [light, 0.12],
          [light, 0],
        ]),
      );
  }
  if (ferns) drawFerns(canvas, random, { color: mix(far, near, 0.45), light });
}

function trunk(canvas, random, { x, base, thick, color, light }) {
  const lean = random.bell() * thick * 0.7;
  const d = `M${x + lean - thick * 0.36} -10C${x - thick * 0.4} ${base * 0.5} ${x - thick * 0.46} ${base * 0.8} ${x - thick * 0.95} ${base}L${x + thick * 0.95} ${base}C${x + thick * 0.46} ${base * 0.8} ${x + thick * 0.4} ${base * 0.5} ${x + lean + thick * 0.36} -10Z`;
  canvas.path(d, canvas.gradient([mix(color, light, 0.2), color, lighten(color, -0.05)], [0, 0, 1, 0]));
}

function leaves(canvas, random, { y, spread, size, color, light, count }) {
  for (let i = 0; i < count; i++) {
    const x = random.range(-0.05, 1.05) * canvas.width;
    const cy = y + random.bell() * spread * 0.6;
    const r = size * random.range(0.45, 1.2);
    const points = random.times(9, (k) => {
      const angle = (k / 9) * Math.PI * 2;
      return [
        x + Math.cos(angle) * r * random.range(0.75, 1.25) * 1.35,
        cy + Math.sin(angle) * r * random.range(0.7, 1.2),
      ];
    });
    canvas.path(path.blob(points), mix(color, light, random.range(0, 0.38)), {
      opacity: random.range(0.5, 0.92),
    });
  }
}

function drawTrail(canvas, { floor, light, ground }) {
  const { width, height } = canvas;
  const d = `M${width * 0.5} ${floor - height * 0.05}C${width * 0.56} ${height * 0.78} ${width * 0.36} ${height * 0.84} ${width * 0.24} ${height}L${width * 0.76} ${height}C${width * 0.6} ${height * 0.86} ${width * 0.6} ${height * 0.78} ${width * 0.53} ${floor - height * 0.05}Z`;
  canvas.path(
    d,
    canvas.sky([mix(light, ground, 0.2), mix('#c9ab78', ground, 0.3), mix('#a98a58', ground, 0.4)]),
    { filter: canvas.blur(2.5) },
  );
}

function drawFerns(canvas, random, { color, light }) {
  const { width, height } = canvas;
  for (let i = 0; i < 26; i++) {
    const x = random.range(0, width);
    const y = height * random.range(0.9, 1.04);
    const reach = height * random.range(0.1, 0.2);
    const tone = mix(color, light, random.range(0, 0.45));
    for (let k = -3; k <= 3; k++) {
      const tipX = x + k * reach * 0.3;
      const tipY = y - reach * (1 - Math.abs(k) * 0.16);
      canvas.path(
        `M${x} ${y}Q${x + k * reach * 0.06} ${y - reach * 0.8} ${tipX} ${tipY}Q${x + k * reach * 0.2} ${y - reach * 0.45} ${x + reach * 0.03} ${y}Z`,
        lighten(tone, random.range(-0.05, 0.05)),
        { opacity: 0.95 },
      );
    }
  }
}

function beams(canvas, random, { x, light }) {
  const { width, height } = canvas;
  canvas.group({ filter: canvas.blur(9) }, () => {
    for (let i = 0; i < 8; i++) {
      const angle = -0.75 + i * 0.2 + random.range(-0.05, 0.05);
      const wide = width * random.range(0.015, 0.05);
      const endX = x + Math.tan(angle) * height;
      const d = `${path.line([
        [x - wide * 0.2, -20],
        [x + wide * 0.2, -20],
        [endX + wide * 1.6, height],
        [endX - wide * 1.6, height],
      ])}Z`;
      canvas.path(
        d,
        canvas.gradient([
          [lighten(light, 0.05), 0.62],
          [light, 0.22],
          [light, 0],
        ]),
        { opacity: random.range(0.45, 0.9) },
      );
    }
  });
}
