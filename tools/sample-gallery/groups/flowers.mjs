import { lighten, mix, vary } from '../color.mjs';
import { glow } from '../nature.mjs';

/** Colours of the blurred background, of the petals (root to tip) and of the heart; `kind` is the shape. */
const scene = (title, tags, ground, petals, heart, kind, more = {}) => ({
  title,
  tags,
  ground,
  petals,
  heart,
  kind,
  ...more,
});

const MEADOW = ['#4f8a45', '#8fbf5a', '#2f6638'];
const SHADE = ['#28543c', '#4f8460', '#163a2c'];
const SOFT = ['#9cc08a', '#cfe0a8', '#6f9d6a'];

export const group = {
  name: 'flowers',
  scenes: [
    scene(
      'White daisies in the meadow',
      ['white', 'yellow'],
      MEADOW,
      ['#e9eef0', '#ffffff'],
      '#f5b921',
      'daisy',
      { count: 4 },
    ),
    scene('Sunflower close up', ['yellow', 'brown'], SOFT, ['#f29f05', '#ffd21f'], '#5a3417', 'sunflower', {
      count: 1,
    }),
    scene('Red poppies', ['red', 'green'], MEADOW, ['#8d0f14', '#e5302a'], '#1f1a1c', 'poppy', { count: 3 }),
    scene('Pink cosmos flowers', ['pink', 'green'], SOFT, ['#c43a7d', '#f79cc6'], '#f2c230', 'cosmos', {
      count: 4,
    }),
    scene('Blue anemone', ['blue', 'white'], SHADE, ['#e8ecff', '#4a62d8'], '#161a36', 'poppy', { count: 1 }),
    scene('Orange gerbera', ['orange', 'green'], SHADE, ['#d94a0c', '#ff9438'], '#4a2110', 'gerbera', {
      count: 2,
    }),
    scene('Violet asters', ['violet', 'yellow'], SOFT, ['#6a3fb5', '#a98ae8'], '#f2bd1d', 'aster', {
      count: 5,
    }),
    scene(
      'Pink gerbera in the shade',
      ['pink', 'green'],
      SHADE,
      ['#c2185b', '#ff6fa3'],
      '#5b1a33',
      'gerbera',
      { count: 1 },
    ),
    scene(
      'Yellow daisies in the sun',
      ['yellow', 'green'],
      MEADOW,
      ['#f6b60a', '#ffe24a'],
      '#8a5a12',
      'daisy',
      { count: 5 },
    ),
    scene('White and rose blossoms', ['white', 'rose'], SHADE, ['#e87aa0', '#fff1f5'], '#f0d264', 'cosmos', {
      count: 4,
    }),
  ],

  paint(canvas, random, { ground, petals, heart, kind, count }) {
    const { width, height } = canvas;
    const unit = Math.min(width, height);
    backdrop(canvas, random, { ground, petals, unit });

    const layouts = {
      1: [[0.5, 0.47, 0.4]],
      2: [
        [0.36, 0.4, 0.28],
        [0.74, 0.68, 0.2],
      ],
      3: [
        [0.32, 0.38, 0.26],
        [0.74, 0.32, 0.19],
        [0.64, 0.76, 0.22],
      ],
      4: [
        [0.3, 0.36, 0.25],
        [0.76, 0.28, 0.17],
        [0.68, 0.7, 0.22],
        [0.2, 0.82, 0.13],
      ],
      5: [
        [0.5, 0.42, 0.23],
        [0.17, 0.26, 0.15],
        [0.84, 0.24, 0.16],
        [0.22, 0.75, 0.18],
        [0.8, 0.75, 0.19],
      ],
    };
    const flowers = layouts[count].map(([x, y, r]) => ({
      x: width * (x + random.range(-0.025, 0.025)),
      y: height * (y + random.range(-0.025, 0.025)),
      r: unit * r * random.range(0.94, 1.06),
    }));
    for (const flower of flowers) stem(canvas, random, { ...flower, ground });
    for (const flower of [...flowers].reverse())
      drawFlower(canvas, random, { ...flower, petals, heart, kind });
  },
};

/** Out of focus: leaves and other flowers as soft discs of light. */
function backdrop(canvas, random, { ground, petals, unit }) {
  const { width, height } = canvas;
  canvas.background(canvas.sky([ground[1], ground[0], ground[2]], [0, 0, 0.4, 1]));
  glow(canvas, width * random.range(0.15, 0.85), 0, unit * 0.9, '#fdfbd0', 0.6);
  canvas.group({ filter: canvas.blur(unit * 0.022) }, () => {
    for (let i = 0; i < 24; i++) {
      canvas.circle(
        random.range(0, width),
        random.range(0, height),
        unit * random.range(0.04, 0.15),
        vary(random, random.pick(ground), 0.06),
        { opacity: 0.5 },
      );
    }
    for (let i = 0; i < 8; i++) {
      canvas.circle(
        random.range(0, width),
        random.range(0.1, 1) * height,
        unit * random.range(0.03, 0.08),
        mix(petals[1], ground[0], 0.3),
        { opacity: 0.5 },
      );
    }
  });
  for (let i = 0; i < 16; i++) {
    const r = unit * random.range(0.015, 0.06);
    canvas.circle(random.range(0, width), random.range(0, height * 0.9), r, lighten(ground[1], 0.12), {
      opacity: random.range(0.08, 0.24),
    });
  }
}

function stem(canvas, random, { x, y, r, ground }) {
  const { height } = canvas;
  const bend = r * random.range(-0.5, 0.5);
  const color = mix(ground[2], '#5d9a4a', 0.45);
  const d = `M${x} ${y}C${x + bend * 0.2} ${y + (height - y) * 0.4} ${x + bend} ${y + (height - y) * 0.7} ${x + bend * 0.8} ${height + 10}`;
  canvas.path(d, 'none', { stroke: lighten(color, -0.06), 'stroke-width': r * 0.1 });
  canvas.path(d, 'none', { stroke: lighten(color, 0.05), 'stroke-width': r * 0.035 });
  const [lx, ly] = [x + bend * 0.5, y + (height - y) * 0.62];
  if (ly - y > r * 1.15) {
    for (const side of [-1, 1]) {
      const l = r * random.range(0.7, 1.05);
      canvas.path(
        `M${lx} ${ly}Q${lx + side * l * 0.45} ${ly - l * 0.62} ${lx + side * l} ${ly - l * 0.3}Q${lx + side * l * 0.55} ${ly + l * 0.08} ${lx} ${ly}Z`,
        canvas.gradient([lighten(color, 0.08), lighten(color, -0.05)]),
      );
    }
  }
}

/** Rings of petals from the outside in: how many, how long, how wide, and how blunt their tips are. */
const KINDS = {
  daisy: {
    rings: [
      [21, 1, 0.155, 0.8],
      [17, 0.9, 0.15, 0.8],
    ],
    heart: 0.27,
    notch: 0,
  },
  sunflower: {
    rings: [
      [24, 1, 0.17, 0.25],
      [24, 0.92, 0.16, 0.2],
      [20, 0.78, 0.15, 0.2],
    ],
    heart: 0.44,
    notch: 0,
  },
  gerbera: {
    rings: [
      [26, 1, 0.14, 0.75],
      [24, 0.82, 0.13, 0.7],
      [22, 0.6, 0.11, 0.7],
      [20, 0.42, 0.09, 0.6],
    ],
    heart: 0.2,
    notch: 0,
  },
  aster: {
    rings: [
      [32, 1, 0.085, 0.6],
      [28, 0.9, 0.08, 0.6],
    ],
    heart: 0.27,
    notch: 0,
  },
  cosmos: { rings: [[8, 1, 0.44, 1.15]], heart: 0.17, notch: 0.1 },
  poppy: {
    rings: [
      [6, 1, 0.7, 1.12],
      [5, 0.8, 0.62, 1.12],
    ],
    heart: 0.19,
    notch: 0.05,
  },
};

function drawFlower(canvas, random, { x, y, r, petals, heart, kind }) {
  const { rings, heart: heartSize, notch } = KINDS[kind];
  const tilt = random.range(0.8, 0.98);
  canvas.circle(x + r * 0.06, y + r * 0.14, r * 0.96, '#0b2014', {
    opacity: 0.26,
    filter: canvas.blur(r * 0.09),
  });
  canvas.group(
    {
      transform: `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${random.range(-25, 25).toFixed(1)}) scale(1 ${tilt.toFixed(3)})`,
    },
    () => {
      rings.forEach(([count, long, wide, blunt], ring) => {
        const turn = random.range(0, 360);
        for (let i = 0; i < count; i++) {
          const angle = turn + ((i + random.range(-0.13, 0.13)) / count) * 360;
          const light = 0.03 * Math.sin(((angle + 120) / 180) * Math.PI) + ring * 0.022;
          petal(canvas, random, {
            angle,
            length: r * long * random.range(0.93, 1.04),
            half: r * wide,
            blunt,
            notch,
            colors: petals.map((color) => vary(random, lighten(color, light), 0.008)),
          });
        }
      });
      drawHeart(canvas, random, { size: r * heartSize, heart, kind });
    },
  );
}

function petal(canvas, random, { angle, length: l, half, blunt, notch, colors }) {
  const shoulder = l * (0.62 + 0.14 * Math.min(1, blunt));
  const tip = half * blunt * 0.72;
  const d = `M0 0C${l * 0.25} ${-half * 0.75} ${shoulder * 0.7} ${-half * 1.05} ${shoulder} ${-half}C${l * 0.97} ${-half * 0.95} ${l} ${-tip} ${l * (1 - notch)} 0C${l} ${tip} ${l * 0.97} ${half * 0.95} ${shoulder} ${half}C${shoulder * 0.7} ${half * 1.05} ${l * 0.25} ${half * 0.75} 0 0Z`;
  const edge = lighten(colors[0], -0.09);
  canvas.group({ transform: `rotate(${angle.toFixed(1)})` }, () => {
    canvas.path(
      d,
      canvas.gradient([colors[0], mix(colors[0], colors[1], 0.55), colors[1], colors[1]], [0, 0, 1, 0]),
      { stroke: edge, 'stroke-width': 0.9, 'stroke-opacity': 0.45 },
    );
    for (const k of [-0.34, 0, 0.34]) {
      canvas.path(
        `M${l * 0.2} ${half * k * 0.5}Q${l * 0.6} ${half * k * 1.25} ${l * 0.86} ${half * k}`,
        'none',
        { stroke: edge, 'stroke-width': 0.9, opacity: 0.22 },
      );
    }
  });
}

function drawHeart(canvas, random, { size, heart, kind }) {
  canvas.circle(0, size * 0.08, size * 1.08, '#000000', { opacity: 0.25, filter: canvas.blur(size * 0.12) });
  canvas.circle(
    0,
    0,
    size,
    canvas.radial([lighten(heart, 0.1), heart, lighten(heart, -0.12)], { cx: 0.42, cy: 0.38, r: 0.68 }),
  );
  // Florets lie on Vogel's spiral (1979): the golden angle, radius by the root of the number.
  const florets = kind === 'sunflower' ? 260 : 90;
  for (let i = 0; i < florets; i++) {
    const t = Math.sqrt((i + 0.5) / florets);
    const angle = i * 2.399963;
    const tone = lighten(
      heart,
      (kind === 'sunflower' ? 0.16 : 0.1) * Math.sin(i * 1.7) + (t > 0.72 ? 0.07 : -0.03),
    );
    canvas.circle(
      Math.cos(angle) * size * 0.94 * t,
      Math.sin(angle) * size * 0.94 * t,
      size * (kind === 'sunflower' ? 0.042 : 0.062),
      tone,
      { opacity: 0.9 },
    );
  }
  if (kind === 'poppy') {
    for (let i = 0; i < 44; i++) {
      const angle = (i / 44) * Math.PI * 2 + random.range(-0.06, 0.06);
      const reach = size * random.range(1.15, 1.7);
      canvas.path(`M0 0L${Math.cos(angle) * reach} ${Math.sin(angle) * reach}`, 'none', {
        stroke: heart,
        'stroke-width': 1,
        opacity: 0.55,
      });
      canvas.circle(Math.cos(angle) * reach, Math.sin(angle) * reach, size * 0.085, lighten(heart, 0.06));
    }
    canvas.circle(0, 0, size * 0.5, lighten(heart, 0.12));
  }
}
