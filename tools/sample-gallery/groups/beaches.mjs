import { path } from '../canvas.mjs';
import { lighten, mix } from '../color.mjs';
import { below, clouds, glow, ridgePoints, waterStrokes } from '../nature.mjs';

/** Sky, shallow and deep water, sand; `parasols` are pairs of colours. */
const scene = (title, tags, sky, shallow, deep, sand, more = {}) => ({
  title,
  tags,
  sky,
  shallow,
  deep,
  sand,
  ...more,
});

const RED = ['#e8483f', '#fff6ec'];
const BLUE = ['#2f7fc4', '#ffffff'];
const YELLOW = ['#f6b93b', '#fffaf0'];

export const group = {
  name: 'beaches',
  scenes: [
    scene(
      'Palm beach and turquoise water',
      ['turquoise', 'sand'],
      ['#4aa8e0', '#a9daf2', '#e6f5f4'],
      '#7fe0d2',
      '#1593b5',
      '#f3dfb4',
      { palm: 'left' },
    ),
    scene(
      'Red parasol by the sea',
      ['red', 'blue'],
      ['#5bb0e6', '#bfe3f5', '#eef8f8'],
      '#8be3dc',
      '#2a9fc4',
      '#f1d9a8',
      { parasols: [RED] },
    ),
    scene(
      'Quiet cove at noon',
      ['blue', 'sand'],
      ['#3b93d6', '#94cdf0', '#dff1f7'],
      '#6ed6d3',
      '#0f7fae',
      '#f7e7c6',
      { cape: true },
    ),
    scene(
      'Two palms on the shore',
      ['green', 'turquoise'],
      ['#5ab4dc', '#b9e3ec', '#f4f6e6'],
      '#93e8cf',
      '#20a39e',
      '#f5e0ad',
      { palm: 'right', second: true },
    ),
    scene(
      'Blue and yellow parasols',
      ['yellow', 'blue'],
      ['#4fa5dd', '#b2dcf2', '#f3f8ee'],
      '#86dfe0',
      '#2793c8',
      '#f4ddab',
      { parasols: [BLUE, YELLOW] },
    ),
    scene(
      'White sand and shallow sea',
      ['white', 'turquoise'],
      ['#6cc0ea', '#c8e9f4', '#f7fbf4'],
      '#a9f0e2',
      '#3cb6c6',
      '#fbf1da',
      {},
    ),
    scene(
      'Pink evening on the beach',
      ['pink', 'sand'],
      ['#8fb2de', '#e3c3d8', '#ffe0cf'],
      '#b7dcd8',
      '#5b93b8',
      '#f2d2ae',
      { palm: 'left' },
    ),
    scene(
      'Sails off the bathing beach',
      ['blue', 'white'],
      ['#3f9be0', '#a5d5f2', '#e9f5f5'],
      '#78dcd8',
      '#1b8ac0',
      '#efd7a4',
      { sails: true, parasols: [RED, BLUE] },
    ),
    scene(
      'Golden sand under a wide sky',
      ['gold', 'blue'],
      ['#4c9cd8', '#a8d3ee', '#f8f0d8'],
      '#8adbd0',
      '#2b8fae',
      '#f0cf8c',
      { cape: true },
    ),
    scene(
      'Emerald lagoon with a palm',
      ['emerald', 'sand'],
      ['#52b2d0', '#b5e2e4', '#f0f7e8'],
      '#7fe5bd',
      '#0f8f86',
      '#f6e2b6',
      { palm: 'right', sails: true },
    ),
  ],

  paint(canvas, random, { sky, shallow, deep, sand, palm, second, parasols = [], cape, sails }) {
    const { width, height } = canvas;
    const unit = Math.min(width, height);
    const horizon = height * random.range(0.34, 0.4);
    canvas.rect(0, 0, width, horizon + 1, canvas.sky(sky));
    glow(canvas, width * random.range(0.55, 0.85), horizon * 0.3, unit * 0.4, '#fffbe8', 0.75);
    clouds(canvas, random, {
      color: '#ffffff',
      scale: 6,
      stretch: 2.2,
      cover: 0.47,
      softness: 0.7,
      fade: [0.5, 0.95, 0.5, 0, 0],
    });

    canvas.rect(
      0,
      horizon,
      width,
      height - horizon,
      canvas.sky([deep, mix(deep, shallow, 0.35), shallow, shallow, shallow]),
    );
    waterStrokes(canvas, random, {
      top: horizon,
      colors: ['#ffffff', mix(shallow, '#ffffff', 0.5), deep],
      count: 190,
      opacity: 0.34,
      reach: [0, 0.62],
    });
    canvas.rect(0, horizon - 0.5, width, 1.5, mix(deep, '#0a3a5a', 0.3), { opacity: 0.5 });
    if (cape) drawCape(canvas, random, { horizon, unit, side: random.pick(['left', 'right']), haze: sky[2] });
    if (sails) {
      for (const [at, size] of [
        [0.22, 0.05],
        [0.34, 0.032],
        [0.7, 0.042],
      ])
        sail(canvas, { x: width * at, y: horizon + unit * 0.012, size: unit * size * 1.5 });
    }

    const tilt = random.range(-0.1, 0.1);
    const shore = (offset, wobble) => {
      const phase = random.range(0, 6);
      const points = [];
      for (let x = -20; x <= width + 20; x += 16) {
        const t = x / width;
        points.push([
          x,
          height * (0.66 + offset + tilt * (t - 0.5)) +
            Math.sin(t * 7 + phase) * unit * wobble +
            Math.sin(t * 17 + phase * 2) * unit * wobble * 0.35,
        ]);
      }
      return `${path.line(points)}L${width + 20} ${height + 20}L-20 ${height + 20}Z`;
    };
    const wet = mix(sand, '#8a6f4d', 0.32);
    canvas.path(shore(-0.055, 0.013), mix(shallow, '#ffffff', 0.4), { opacity: 0.7, filter: canvas.blur(2) });
    canvas.path(shore(-0.022, 0.015), '#ffffff', { opacity: 0.95, filter: canvas.blur(1.6) });
    canvas.path(shore(0, 0.015), wet);
    canvas.path(shore(0.035, 0.012), canvas.sky([mix(wet, sand, 0.4), sand, mix(sand, '#c99f63', 0.25)]), {
      filter: canvas.blur(4),
    });
    grains(canvas, random, { top: height * 0.74, sand });

    parasols.forEach((colors, i) => {
      parasol(canvas, random, {
        x: width * (parasols.length === 1 ? 0.63 : 0.3 + i * 0.42),
        y: height * (0.87 - i * 0.03),
        size: unit * (0.25 - i * 0.03),
        colors,
        sand,
      });
    });
    if (palm) {
      const x = palm === 'left' ? width * 0.1 : width * 0.9;
      const lean = palm === 'left' ? 1 : -1;
      drawPalm(canvas, random, { x, y: height * 0.95, tall: height * 0.68, lean: lean * unit * 0.24, sand });
      if (second)
        drawPalm(canvas, random, {
          x: x + lean * unit * 0.17,
          y: height * 0.98,
          tall: height * 0.46,
          lean: lean * unit * 0.1,
          sand,
        });
    }
  },
};

function grains(canvas, random, { top, sand }) {
  for (let i = 0; i < 170; i++) {
    const t = random.next();
    canvas.ellipse(
      random.range(0, canvas.width),
      top + t * (canvas.height - top),
      1 + t * 9,
      0.5 + t * 1.4,
      random.chance(0.5) ? lighten(sand, -0.07) : lighten(sand, 0.05),
      { opacity: 0.35 },
    );
  }
}

function parasol(canvas, random, { x, y, size, colors, sand }) {
  const lean = size * 0.16;
  const top = y - size * 1.02;
  const [cx, cy, r] = [x + lean, top + size * 0.36, size * 0.62];
  canvas.ellipse(x + size * 0.34, y + size * 0.04, size * 0.62, size * 0.09, mix(sand, '#5a4326', 0.5), {
    opacity: 0.45,
    filter: canvas.blur(3),
  });
  canvas.path(
    `M${x - size * 0.012} ${y + size * 0.04}L${cx - size * 0.012} ${cy - r * 0.6}L${cx + size * 0.014} ${cy - r * 0.6}L${x + size * 0.014} ${y + size * 0.04}Z`,
    '#7a5a3c',
  );
  const parts = 6;
  const rim = (k) => cx + r * Math.cos(Math.PI - (Math.PI * k) / parts);
  for (let k = 0; k < parts; k++) {
    const [x0, x1] = [rim(k), rim(k + 1)];
    const fill = canvas.gradient([
      lighten(colors[k % 2], 0.02),
      lighten(colors[k % 2], -0.07 + (k < parts / 2 ? 0 : -0.04)),
    ]);
    const d = `M${cx} ${cy - r * 0.86}Q${cx + (x0 - cx) * 0.92} ${cy - r * 0.66} ${x0} ${cy}Q${(x0 + x1) / 2} ${cy - r * 0.1} ${x1} ${cy}Q${cx + (x1 - cx) * 0.92} ${cy - r * 0.66} ${cx} ${cy - r * 0.86}Z`;
    canvas.path(d, fill);
  }
  const towel = random.pick(colors);
  canvas.path(
    `M${x - size * 0.62} ${y + size * 0.1}L${x - size * 0.1} ${y + size * 0.07}L${x - size * 0.02} ${y + size * 0.16}L${x - size * 0.62} ${y + size * 0.2}Z`,
    lighten(towel, -0.02),
  );
}

function drawPalm(canvas, random, { x, y, tall, lean, sand }) {
  const [tx, ty] = [x + lean, y - tall];
  const thick = tall * 0.026;
  canvas.ellipse(x + lean * 0.1, y + thick * 0.6, tall * 0.16, tall * 0.02, mix(sand, '#5a4326', 0.5), {
    opacity: 0.5,
    filter: canvas.blur(3),
  });
  const d = `M${x - thick * 1.5} ${y + thick}C${x - thick * 0.4} ${y - tall * 0.4} ${tx - lean * 0.35 - thick * 0.6} ${y - tall * 0.75} ${tx - thick * 0.5} ${ty}L${tx + thick * 0.5} ${ty}C${tx - lean * 0.3 + thick * 0.6} ${y - tall * 0.72} ${x + thick * 1.2} ${y - tall * 0.4} ${x + thick * 1.6} ${y + thick}Z`;
  canvas.path(d, canvas.gradient(['#6d5138', '#9a7a55', '#5d4430'], [0, 0, 1, 0]));
  const fronds = 11;
  for (let i = 0; i < fronds; i++) {
    const angle = -Math.PI * (0.02 + (0.96 * i) / (fronds - 1)) + random.range(-0.08, 0.08);
    frond(canvas, random, {
      x: tx,
      y: ty,
      angle,
      length: tall * random.range(0.36, 0.46),
      color: random.pick(['#2f7a43', '#3d9150', '#25663a', '#58a855']),
    });
  }
  for (const [dx, dy] of [
    [-1, 1],
    [0.8, 1.4],
    [0, 0.5],
  ])
    canvas.circle(tx + dx * thick * 0.9, ty + dy * thick * 0.9, thick * 0.72, '#5b4226');
}

/** A leaf along an arc that droops, with leaflets on both sides. */
function frond(canvas, random, { x, y, angle, length, color }) {
  const droop = length * 0.5;
  const at = (t) => [
    x + Math.cos(angle) * length * t,
    y + Math.sin(angle) * length * t * 0.75 + droop * t * t,
  ];
  const upper = [];
  const lower = [];
  const count = 16;
  for (let k = 0; k <= count; k++) {
    const t = k / count;
    const [px, py] = at(t);
    const half = length * 0.12 * Math.sin(Math.PI * Math.min(1, t * 0.9 + 0.08)) * (k % 2 === 0 ? 1 : 0.35);
    const [nx, ny] = [-Math.sin(angle) * 0.6, 0.9];
    upper.push([px - nx * half * 0.5, py - ny * half * 0.45]);
    lower.push([px + nx * half + Math.cos(angle) * half * 0.5, py + ny * half * random.range(0.85, 1.15)]);
  }
  canvas.path(`${path.line([...upper, ...lower.reverse()])}Z`, color);
  canvas.path(path.line(Array.from({ length: 9 }, (_, k) => at(k / 8))), 'none', {
    stroke: lighten(color, 0.1),
    'stroke-width': 1.1,
    opacity: 0.7,
  });
}

/** A wooded headland in the distance, in two tones. */
function drawCape(canvas, random, { horizon, unit, side, haze }) {
  const { width } = canvas;
  for (const [reach, tall, color] of [
    [0.5, 0.11, mix('#4f8f86', haze, 0.45)],
    [0.32, 0.17, mix('#2f7557', haze, 0.15)],
  ]) {
    const points = ridgePoints(random, { width: width * reach, base: 0, height: 1, waves: 4, jag: 0.35 }).map(
      ([x, y]) => {
        const t = Math.min(1, Math.max(0, x / (width * reach)));
        return [
          side === 'left' ? x : width - x,
          horizon + 3 - (1 - t) ** 0.7 * unit * tall * (0.8 - y * 0.35),
        ];
      },
    );
    canvas.path(below(points, horizon + 3), canvas.gradient([lighten(color, 0.05), lighten(color, -0.05)]));
    canvas.rect(side === 'left' ? 0 : width * (1 - reach), horizon + 1, width * reach, 2.5, '#f4e4bf', {
      opacity: 0.85,
    });
  }
}

function sail(canvas, { x, y, size }) {
  canvas.path(`M${x} ${y - size}L${x} ${y - size * 0.12}L${x + size * 0.42} ${y - size * 0.12}Z`, '#ffffff');
  canvas.path(
    `M${x - size * 0.04} ${y - size * 0.85}L${x - size * 0.04} ${y - size * 0.12}L${x - size * 0.3} ${y - size * 0.12}Z`,
    '#eef3f5',
  );
  canvas.path(
    `M${x - size * 0.36} ${y - size * 0.08}H${x + size * 0.46}L${x + size * 0.32} ${y + size * 0.06}H${x - size * 0.26}Z`,
    '#3c5468',
  );
}
