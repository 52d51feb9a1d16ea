import { path } from '../canvas.mjs';
import { lighten, mix } from '../color.mjs';
import { below, clouds, glow, ridgePoints, waterStrokes } from '../nature.mjs';

/** Sky from the top down to the horizon, the sun, and the sea's dark. */
const scene = (title, tags, sky, sun, deep, more = {}) => ({ title, tags, sky, sun, deep, ...more });

export const group = {
  name: 'sunset-sea',
  scenes: [
    scene(
      'Amber sunset over a calm sea',
      ['orange', 'gold'],
      ['#3b4a7c', '#a8628a', '#f08a5c', '#ffd27a'],
      '#fff1c4',
      '#3a3557',
      { boat: 0.3 },
    ),
    scene(
      'Rose evening at the headland',
      ['pink', 'purple'],
      ['#4a4e8f', '#9a6fb0', '#ee9ab0', '#ffd9b8'],
      '#fff3e0',
      '#4b4270',
      { headland: 'right' },
    ),
    scene(
      'Crimson sun between islands',
      ['red', 'orange'],
      ['#40224d', '#94304f', '#e2573f', '#ffb45e'],
      '#ffe3a3',
      '#2f1b38',
      { islands: true },
    ),
    scene(
      'Golden hour with a sailing boat',
      ['gold', 'yellow'],
      ['#6f86a8', '#c9a68f', '#f6be6c', '#ffe6a1'],
      '#fffbe0',
      '#575470',
      { boat: 0.68, big: true },
    ),
    scene(
      'Violet dusk and a low sun',
      ['purple', 'orange'],
      ['#28285c', '#5c3f86', '#b95f8d', '#ff9f6b'],
      '#ffe0b0',
      '#241f48',
      {},
    ),
    scene(
      'Copper clouds over the bay',
      ['orange', 'brown'],
      ['#51405c', '#9b5a5a', '#e0814a', '#ffc672'],
      '#fff0c0',
      '#3d2b42',
      { headland: 'left', cloudy: true },
    ),
    scene(
      'Peach sunset far from land',
      ['peach', 'blue'],
      ['#5c84b8', '#a5a6c8', '#f4b8a0', '#ffe0b5'],
      '#fff8e6',
      '#47608e',
      { big: true },
    ),
    scene(
      'Two sails before the burning sky',
      ['red', 'gold'],
      ['#5a2a5c', '#b13f5b', '#f3744a', '#ffc866'],
      '#fff0b8',
      '#40203f',
      { boat: 0.25, second: 0.78 },
    ),
    scene(
      'Last light over dark islands',
      ['orange', 'blue'],
      ['#1d2c54', '#4a4a7e', '#c56a6a', '#ffae62'],
      '#ffe2a8',
      '#161f40',
      { islands: true, cloudy: true },
    ),
    scene(
      'Magenta evening by the cape',
      ['magenta', 'pink'],
      ['#3a2f76', '#8a3f93', '#e5639a', '#ffb59a'],
      '#ffeadb',
      '#33255c',
      { headland: 'right', cloudy: true },
    ),
  ],

  paint(canvas, random, { sky, sun, deep, boat, second, headland, islands, cloudy, big }) {
    const { width, height } = canvas;
    const unit = Math.min(width, height);
    const horizon = height * random.range(0.55, 0.63);
    const sunX = width * random.range(0.34, 0.66);
    const radius = unit * (big ? 0.085 : 0.058);
    const sunY = horizon - radius * random.range(0.7, 2.1);

    canvas.rect(0, 0, width, horizon + 1, canvas.sky(sky));
    glow(canvas, sunX, sunY, unit * 0.75, mix(sky[3], '#ffffff', 0.3), 0.75);
    clouds(canvas, random, {
      color: mix(sky[1], sky[2], 0.35),
      scale: 7,
      stretch: 6,
      cover: cloudy ? 0.66 : 0.5,
      softness: 0.8,
      fade: [0.75, 0.75, 0.1, 0, 0],
    });
    clouds(canvas, random, {
      color: mix(sky[3], '#ffffff', 0.25),
      scale: 11,
      stretch: 8,
      cover: 0.46,
      softness: 0.6,
      fade: [0.15, 0.5, 0.65, 0, 0],
      opacity: 0.8,
    });
    canvas.circle(sunX, sunY, radius * 1.35, sun, { opacity: 0.28, filter: canvas.blur(radius * 0.2) });
    canvas.circle(sunX, sunY, radius, canvas.radial([sun, sun, mix(sun, sky[3], 0.45)]));

    canvas.rect(
      0,
      horizon,
      width,
      height - horizon,
      canvas.sky([mix(sky[3], deep, 0.18), mix(sky[2], deep, 0.5), deep, lighten(deep, -0.05)]),
    );
    canvas.ellipse(
      sunX,
      horizon,
      width * 0.42,
      (height - horizon) * 0.5,
      canvas.radial([
        [mix(sun, sky[3], 0.5), 0.55],
        [sky[3], 0],
      ]),
    );
    waterStrokes(canvas, random, {
      top: horizon,
      colors: [lighten(deep, -0.04), deep, mix(deep, sky[2], 0.3)],
      count: 230,
      opacity: 0.5,
    });
    waterStrokes(canvas, random, {
      top: horizon,
      colors: [mix(sky[2], '#ffffff', 0.15), sky[3]],
      count: 110,
      opacity: 0.32,
    });
    waterStrokes(canvas, random, {
      top: horizon,
      colors: [sun, mix(sun, sky[3], 0.4)],
      count: 190,
      opacity: 0.85,
      around: sunX,
      spread: radius * 1.1,
    });
    canvas.rect(0, horizon - 0.6, width, 1.4, mix(sky[3], '#ffffff', 0.3), { opacity: 0.5 });

    const dark = lighten(mix(deep, sky[1], 0.2), -0.1);
    if (islands) {
      for (const [at, wide, tall, tone] of [
        [0.12, 0.34, 0.075, 0.35],
        [0.86, 0.3, 0.1, 0.18],
        [0.98, 0.22, 0.05, 0],
      ]) {
        island(canvas, random, {
          x: width * at,
          half: (width * wide) / 2,
          top: height * tall,
          horizon,
          fill: mix(dark, sky[2], tone),
        });
      }
    }
    if (headland) cape(canvas, random, { side: headland, horizon, fill: dark, far: mix(dark, sky[2], 0.4) });
    if (boat)
      sail(canvas, {
        x: width * boat,
        y: horizon + height * 0.06,
        size: unit * 0.16,
        color: dark,
        light: sun,
      });
    if (second)
      sail(canvas, {
        x: width * second,
        y: horizon + height * 0.025,
        size: unit * 0.085,
        color: dark,
        light: sun,
      });
  },
};

function island(canvas, random, { x, half, top, horizon, fill }) {
  const points = ridgePoints(random, { width: half * 2, base: 0, height: 1, waves: 2.4, jag: 0.5 }).map(
    ([px, py]) => {
      const t = px / (half * 2);
      return [
        x - half + px,
        horizon +
          2 -
          Math.max(0, Math.sin(Math.PI * Math.min(1, Math.max(0, t)))) ** 0.8 * top * (0.45 - py * 0.55),
      ];
    },
  );
  canvas.path(below(points, horizon + 3), fill);
}

function cape(canvas, random, { side, horizon, fill, far }) {
  const { width, height } = canvas;
  for (const [reach, tall, color] of [
    [0.52, 0.15, far],
    [0.36, 0.26, fill],
  ]) {
    const points = ridgePoints(random, {
      width: width * reach,
      base: 0,
      height: 1,
      waves: 2.2,
      jag: 0.55,
    }).map(([px, py]) => {
      const t = Math.min(1, Math.max(0, px / (width * reach)));
      const drop = t < 0.85 ? 1 - t * 0.75 : (1 - 0.85 * 0.75) * ((1 - t) / 0.15) ** 0.7;
      return [side === 'left' ? px : width - px, horizon + 3 - drop * height * tall * (0.75 - py * 0.4)];
    });
    canvas.path(below(points, horizon + 4), color);
  }
}

function sail(canvas, { x, y, size, color, light }) {
  const s = size;
  canvas.ellipse(x, y + s * 0.07, s * 0.36, s * 0.025, color, { opacity: 0.5 });
  canvas.path(
    path.line([
      [x + s * 0.02, y - s * 0.98],
      [x + s * 0.02, y - s * 0.07],
      [x + s * 0.38, y - s * 0.09],
    ]) + 'Z',
    mix(color, light, 0.55),
  );
  canvas.path(
    path.line([
      [x - s * 0.02, y - s * 0.88],
      [x - s * 0.02, y - s * 0.07],
      [x - s * 0.26, y - s * 0.08],
    ]) + 'Z',
    mix(color, light, 0.35),
  );
  canvas.path(
    `M${x - s * 0.36} ${y - s * 0.05}H${x + s * 0.42}Q${x + s * 0.34} ${y + s * 0.06} ${x + s * 0.24} ${y + s * 0.07}H${x - s * 0.2}Q${x - s * 0.32} ${y + s * 0.05} ${x - s * 0.36} ${y - s * 0.05}Z`,
    color,
  );
}
