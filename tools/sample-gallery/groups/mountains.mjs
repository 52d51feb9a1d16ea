import { lighten, mix, ramp } from '../color.mjs';
import { below, clouds, firPath, glow, lineAt, ridgePoints } from '../nature.mjs';
import { path } from '../canvas.mjs';

/** Sky from the top down, colour of the farthest and of the nearest range. */
const scene = (title, tags, sky, far, near, more = {}) => ({ title, tags, sky, far, near, ...more });

export const group = {
  name: 'mountains',
  scenes: [
    scene(
      'Blue ranges in the morning',
      ['blue'],
      ['#7fb2e0', '#bcd9ee', '#f3ead8'],
      '#a9c4dc',
      '#1f3f5f',
      {},
    ),
    scene(
      'Teal valley under snowy peaks',
      ['teal', 'white'],
      ['#5fa5c4', '#a9d6dc', '#eaf3e6'],
      '#86b4bd',
      '#12393f',
      { snow: true },
    ),
    scene(
      'Lilac ridges before sunrise',
      ['purple', 'pink'],
      ['#7d86c9', '#b8a8d8', '#f6cfcf'],
      '#b3a3d3',
      '#2c2a58',
      {},
    ),
    scene('Peaks above a lake', ['blue', 'white'], ['#4f8fd0', '#9cc6e8', '#e3f0f5'], '#8fb2d2', '#1d3a52', {
      snow: true,
      lake: true,
    }),
    scene(
      'Slate mountains in mist',
      ['grey', 'blue'],
      ['#8f9fae', '#bcc8d0', '#e4e7e6'],
      '#aab7c1',
      '#28353f',
      { misty: true },
    ),
    scene(
      'Indigo summits and a pale moon',
      ['indigo', 'blue'],
      ['#39508f', '#7688bd', '#cfc6dc'],
      '#8792c4',
      '#161f45',
      { moon: true, snow: true },
    ),
    scene(
      'Green foothills, grey rock',
      ['green', 'grey'],
      ['#7dbbe0', '#c3e0ec', '#f2f3e2'],
      '#9fb8bd',
      '#2c4f33',
      { snow: true },
    ),
    scene(
      'Warm light on far ridges',
      ['orange', 'blue'],
      ['#6f9ccc', '#d3c3cf', '#ffdcae'],
      '#d3aeb3',
      '#38425f',
      {},
    ),
    scene(
      'Turquoise lake below the pass',
      ['turquoise', 'blue'],
      ['#3f86c6', '#93c4e4', '#dcecf2'],
      '#7fa9c4',
      '#20435a',
      { snow: true, lake: true, water: '#3fb3b3' },
    ),
    scene(
      'Mountains after the rain',
      ['teal', 'green'],
      ['#6c97a3', '#a8c6c4', '#e2e6cf'],
      '#8db1ae',
      '#16382f',
      { misty: true },
    ),
  ],

  paint(canvas, random, { sky, far, near, snow, lake, water, misty, moon }) {
    const { width, height } = canvas;
    const ground = lake ? height * 0.7 : height;
    canvas.background(canvas.sky(sky));
    if (moon) {
      glow(canvas, width * 0.74, height * 0.17, height * 0.2, '#ffffff', 0.4);
      canvas.circle(width * 0.74, height * 0.17, height * 0.042, '#f7f4ea');
    } else {
      glow(canvas, width * random.range(0.2, 0.8), height * 0.4, height * 0.6, lighten(sky[2], 0.05), 0.7);
    }
    clouds(canvas, random, {
      color: '#ffffff',
      scale: 4.5,
      stretch: 2.4,
      cover: misty ? 0.62 : 0.48,
      softness: 0.75,
      fade: [0.85, 0.6, 0, 0],
      opacity: 0.85,
    });

    const layers = snow ? 5 : 6;
    for (let i = 0; i < layers; i++) {
      const t = i / (layers - 1);
      const color = ramp([far, mix(far, near, 0.42), near], t);
      const base = ground * (0.6 + 0.44 * t ** 1.1);
      const tall = height * (snow && i === 1 ? 0.44 : 0.2 + 0.1 * Math.sin(i * 2.1 + 1)) * (lake ? 0.85 : 1);
      const jag = snow && i <= 1 ? 0.9 : 0.68 - 0.3 * t;
      const points = ridgePoints(random, { width, base, height: tall, waves: 2 + i * 0.5, jag });
      const shape = below(points, ground + 2);
      canvas.path(shape, canvas.sky([lighten(color, 0.015), color, mix(color, sky[2], misty ? 0.6 : 0.38)]));
      if (snow && i === 1)
        snowcap(canvas, random, points, {
          shape,
          color,
          light: mix('#ffffff', sky[2], 0.12),
          depth: tall * 0.62,
        });
      if (t > 0.7)
        firs(canvas, random, points, {
          color: lighten(color, -0.03),
          size: height * (0.03 + 0.055 * (t - 0.6)),
        });
      if (misty || i < 3) {
        const top = base - height * 0.08;
        canvas.rect(
          0,
          top,
          width,
          height * 0.16,
          canvas.gradient([
            [sky[2], 0],
            [sky[2], misty ? 0.6 : 0.3],
            [sky[2], 0],
          ]),
        );
      }
    }
    if (lake) drawLake(canvas, random, { top: ground, color: water ?? mix(sky[0], near, 0.35), sky, near });
  },
};

/** Snow on a ridge: light and shaded facets that hang from its crest, longest at the summits. */
function snowcap(canvas, random, points, { shape, color, light, depth }) {
  const crest = Math.min(...points.map(([, y]) => y));
  canvas.group({ 'clip-path': canvas.clip(shape) }, () => {
    for (let i = 3; i < points.length - 5; i += 3) {
      const [x, y] = points[i];
      const reach = depth * Math.max(0.1, 1 - (y - crest) / depth) ** 1.3 * random.range(0.6, 1.1);
      const shaded = points[i + 4][1] > points[i - 3][1];
      const lean = (shaded ? 1 : -1) * reach * random.range(0.25, 0.5);
      const wide = random.range(10, 22);
      const d = `${path.line([
        [x - wide, y - 24],
        [x + wide, y - 24],
        [x + wide * 0.8 + lean * 0.5, y + reach * 0.5],
        [x + lean, y + reach],
        [x - wide * 0.4 + lean * 0.4, y + reach * 0.55],
      ])}Z`;
      canvas.path(d, shaded ? mix(light, color, random.range(0.4, 0.55)) : light, {
        opacity: random.range(0.7, 1),
      });
    }
  });
}

function firs(canvas, random, points, { color, size }) {
  for (let x = -size; x < canvas.width + size; x += size * random.range(0.2, 0.5)) {
    const y = lineAt(points, Math.min(canvas.width, Math.max(0, x)));
    canvas.path(firPath(random, x, y + size * 0.15, size * random.range(0.6, 1.3), 0.4), color);
  }
}

function drawLake(canvas, random, { top, color, sky, near }) {
  const { width, height } = canvas;
  canvas.rect(
    0,
    top,
    width,
    height - top,
    canvas.sky([mix(near, color, 0.45), color, mix(color, sky[1], 0.45)]),
  );
  for (let i = 0; i < 130; i++) {
    const depth = random.next() ** 1.4;
    const tint = random.pick([sky[1], sky[0], near, sky[2]]);
    canvas.ellipse(
      random.range(0, width),
      top + 2 + depth * (height - top),
      width * (0.02 + depth * 0.09),
      0.7 + depth * 2.2,
      tint,
      { opacity: random.range(0.06, 0.28) },
    );
  }
  canvas.rect(0, top - 1, width, 2, sky[2], { opacity: 0.5 });
}
