import { path } from '../canvas.mjs';
import { lighten, mix, vary } from '../color.mjs';
import { below, clouds, glow, ridgePoints } from '../nature.mjs';

/** Sky from the top down, the grass, and the colours of the leaves. */
const scene = (title, tags, sky, grass, leaves, more = {}) => ({ title, tags, sky, grass, leaves, ...more });

const RED = ['#b3261e', '#d9482b', '#8f1d22', '#ec6a3a'];
const GOLD = ['#e0a11b', '#f4c534', '#c97f14', '#f9db6a'];
const ORANGE = ['#e2711d', '#f0932b', '#c9551a', '#f7b05b'];
const RUST = ['#a8481f', '#c8692f', '#7f3418', '#dd8b4a'];
const MIXED = ['#c0392b', '#e67e22', '#f1c40f', '#d35400', '#a9851f'];

export const group = {
  name: 'autumn-trees',
  scenes: [
    scene('Lone red maple', ['red', 'autumn'], ['#9cc3de', '#d7e4e4', '#f6ead0'], '#b59a4b', RED, {
      trees: [[0.5, 1]],
    }),
    scene('Golden birches', ['gold', 'white'], ['#8bbbe0', '#cfe2ea', '#f7efd6'], '#c2a04a', GOLD, {
      birch: true,
      trees: [
        [0.2, 0.9],
        [0.42, 1.05],
        [0.63, 0.92],
        [0.85, 1],
      ],
    }),
    scene('Orange avenue', ['orange', 'brown'], ['#c8d3da', '#e8e2d3', '#f9e6c2'], '#b88a45', ORANGE, {
      avenue: true,
    }),
    scene(
      'Park in all colours of autumn',
      ['red', 'gold', 'orange'],
      ['#a5c8de', '#dbe6e4', '#f4ebd4'],
      '#a39a4c',
      MIXED,
      {
        trees: [
          [0.16, 0.82],
          [0.42, 0.95],
          [0.68, 0.8],
          [0.88, 1],
        ],
      },
    ),
    scene('Old oak in rusty leaves', ['rust', 'brown'], ['#c3c9c9', '#e2dccb', '#f2e2bf'], '#a68a4a', RUST, {
      trees: [[0.46, 1.1]],
    }),
    scene('Three golden trees', ['gold', 'blue'], ['#6eaade', '#b9d8ec', '#f2eedb'], '#b7a04a', GOLD, {
      trees: [
        [0.2, 0.85],
        [0.5, 1.02],
        [0.8, 0.82],
      ],
    }),
    scene('Crimson alley of maples', ['crimson', 'red'], ['#d6d3d3', '#ebdfd2', '#f8e3c8'], '#b27a42', RED, {
      avenue: true,
    }),
    scene(
      'Birches and red bushes',
      ['gold', 'red'],
      ['#b1cddc', '#dfe7e3', '#f5ebd3'],
      '#b1964c',
      [...GOLD.slice(0, 2), ...ORANGE.slice(0, 2)],
      {
        birch: true,
        trees: [
          [0.14, 1],
          [0.36, 0.88],
          [0.58, 1.06],
          [0.82, 0.9],
        ],
        bushes: RED,
      },
    ),
    scene(
      'Orange tree on the hill',
      ['orange', 'blue'],
      ['#5f9fd8', '#aed0ea', '#f4ead3'],
      '#bb9b4c',
      ORANGE,
      { trees: [[0.62, 1.02]] },
    ),
    scene('October wood', ['orange', 'gold'], ['#cbd4d2', '#e9e2c9', '#f7e0ae'], '#b08442', MIXED, {
      trees: [
        [0.1, 0.9],
        [0.3, 1],
        [0.52, 0.88],
        [0.72, 1.02],
        [0.93, 0.92],
      ],
    }),
  ],

  paint(canvas, random, { sky, grass, leaves, trees = [], birch, avenue, bushes }) {
    const { width, height } = canvas;
    const unit = Math.min(width, height);
    canvas.background(canvas.sky(sky));
    glow(canvas, width * random.range(0.2, 0.8), height * 0.3, unit * 0.7, '#fff4d0', 0.7);
    clouds(canvas, random, {
      color: '#ffffff',
      scale: 5,
      stretch: 2.5,
      cover: 0.45,
      softness: 0.8,
      fade: [0.8, 0.6, 0, 0],
    });
    for (let i = 0; i < 2; i++)
      distantWood(canvas, random, { base: height * (0.66 + i * 0.05), unit, leaves, haze: sky[2], near: i });

    const ground = height * 0.72;
    const meadow = below(
      ridgePoints(random, { width, base: ground + height * 0.02, height: height * 0.05, waves: 1.2, jag: 0 }),
      height + 2,
    );
    canvas.path(meadow, canvas.sky([mix(grass, sky[2], 0.25), grass, lighten(grass, -0.1)]));
    if (avenue) drawAvenue(canvas, random, { ground, unit, grass, leaves });
    const sorted = [...trees].sort((a, b) => a[1] - b[1]);
    for (const [x, size] of sorted) {
      const base = ground + height * (0.05 + 0.13 * (size - 0.8)) + height * random.range(0, 0.03);
      const tall = height * 0.64 * size * (trees.length > 3 ? 0.92 : 1);
      const crown = Math.min(tall * 0.36, (width / Math.max(2, trees.length)) * 0.62);
      tree(canvas, random, {
        x: width * x,
        base,
        tall,
        crown: birch ? crown * 0.72 : crown,
        leaves: trees.length > 2 && !birch ? tinted(random, leaves) : leaves,
        birch,
        grass,
      });
    }
    if (bushes) {
      for (const [x, y, r] of [
        [0.05, 0.9, 0.11],
        [0.5, 0.95, 0.09],
        [0.94, 0.89, 0.13],
      ])
        foliage(canvas, random, {
          x: width * x,
          y: height * y,
          rx: unit * r * 1.3,
          ry: unit * r * 0.7,
          leaves: bushes,
          count: 150,
          leaf: unit * 0.013,
        });
    }
    fallen(canvas, random, { top: ground + height * 0.05, leaves, unit });
  },
};

/** One tree leans to one or two of the colours. */
const tinted = (random, leaves) => {
  const [main, other] = random.shuffle(leaves);
  return [main, lighten(main, 0.05), lighten(main, -0.07), mix(main, other, 0.4)];
};

function distantWood(canvas, random, { base, unit, leaves, haze, near }) {
  for (let x = -unit * 0.05; x < canvas.width + unit * 0.05; x += unit * random.range(0.03, 0.07)) {
    const r = unit * random.range(0.035, 0.07) * (1 + near * 0.25);
    const color = mix(random.pick(leaves), haze, 0.62 - near * 0.2);
    canvas.ellipse(
      x,
      base - r * 0.7,
      r,
      r * random.range(0.9, 1.4),
      canvas.gradient([lighten(color, 0.03), lighten(color, -0.05)]),
    );
  }
  canvas.rect(
    0,
    base - unit * 0.02,
    canvas.width,
    unit * 0.2,
    mix(random.pick(leaves), haze, 0.55 - near * 0.15),
  );
}

function tree(canvas, random, { x, base, tall, crown, leaves, birch, grass }) {
  const bark = birch ? '#ece7dc' : '#5a4030';
  const thick = tall * (birch ? 0.021 : 0.034);
  const top = base - tall * 0.68;
  canvas.ellipse(x + crown * 0.25, base + tall * 0.012, crown * 1.1, tall * 0.035, lighten(grass, -0.2), {
    opacity: 0.45,
    filter: canvas.blur(4),
  });
  const fill = canvas.gradient([lighten(bark, 0.04), bark, lighten(bark, birch ? -0.2 : -0.1)], [0, 0, 1, 0]);
  const lean = random.range(-0.5, 0.5) * thick;
  canvas.path(
    `M${x - thick * 1.5} ${base}C${x - thick * 0.7} ${base - tall * 0.1} ${x - thick * 0.7} ${base - tall * 0.3} ${x + lean - thick * 0.5} ${top}L${x + lean + thick * 0.5} ${top}C${x + thick * 0.7} ${base - tall * 0.3} ${x + thick * 0.7} ${base - tall * 0.1} ${x + thick * 1.5} ${base}Z`,
    fill,
  );
  if (birch) {
    for (let y = base - tall * 0.04; y > top; y -= tall * random.range(0.015, 0.05)) {
      canvas.rect(
        x + random.range(-0.75, 0.1) * thick,
        y,
        thick * random.range(0.3, 0.7),
        tall * 0.006,
        '#3b3632',
        { opacity: 0.8 },
      );
    }
  }
  for (const side of [-1, 1, -0.55, 0.6]) {
    const from = base - tall * random.range(0.34, 0.46);
    canvas.path(
      `M${x} ${from}Q${x + side * crown * 0.35} ${from - tall * 0.1} ${x + side * crown * 0.62} ${from - tall * random.range(0.16, 0.26)}`,
      'none',
      { stroke: birch ? '#cfc8bb' : bark, 'stroke-width': thick * 0.55, 'stroke-linecap': 'round' },
    );
  }
  const ry = tall * (birch ? 0.36 : 0.33);
  foliage(canvas, random, {
    x,
    y: base - tall * 0.66,
    rx: crown,
    ry,
    leaves,
    count: 420,
    leaf: tall * 0.021,
  });
}

/** Leaves in clumps: dark ones first, light ones above and to the left. */
function foliage(canvas, random, { x, y, rx, ry, leaves, count, leaf }) {
  const points = random.times(13, (k) => {
    const angle = (k / 13) * Math.PI * 2;
    return [
      x + Math.cos(angle) * rx * random.range(0.72, 0.96),
      y + Math.sin(angle) * ry * random.range(0.74, 0.96),
    ];
  });
  canvas.path(
    path.blob(points),
    canvas.radial([leaves[1], leaves[0], lighten(leaves[2], -0.05)], { cx: 0.38, cy: 0.3, r: 0.8 }),
    { opacity: 0.93 },
  );
  for (let i = 0; i < count; i++) {
    const angle = random.range(0, Math.PI * 2);
    const far = Math.sqrt(random.next()) * random.range(0.9, 1.1);
    const [dx, dy] = [Math.cos(angle) * far, Math.sin(angle) * far];
    const light = (-dx * 0.35 - dy * 0.75) * 0.085 + (i / count - 0.5) * 0.07;
    const color = vary(random, lighten(random.pick(leaves), light), 0.018);
    canvas.ellipse(
      x + dx * rx,
      y + dy * ry,
      leaf * random.range(0.6, 1.35),
      leaf * random.range(0.45, 0.9),
      color,
      { opacity: random.range(0.72, 1) },
    );
  }
}

function drawAvenue(canvas, random, { ground, unit, grass, leaves }) {
  const { width, height } = canvas;
  const vanish = [width * 0.5, ground - height * 0.02];
  canvas.path(
    `M${vanish[0] - width * 0.015} ${vanish[1]}L${width * 0.18} ${height}L${width * 0.82} ${height}L${vanish[0] + width * 0.015} ${vanish[1]}Z`,
    canvas.sky([mix('#cdb08a', grass, 0.3), '#b99a72', '#9a7a55']),
  );
  for (let i = 0; i < 5; i++) {
    const t = (i / 4) ** 1.5;
    for (const side of [-1, 1]) {
      const x = vanish[0] + side * width * (0.07 + 0.38 * t);
      const tall = height * (0.22 + 0.66 * t);
      tree(canvas, random, {
        x,
        base: vanish[1] + (height - vanish[1]) * (0.06 + 0.62 * t),
        tall,
        crown: Math.min(tall * 0.34, unit * (0.09 + 0.25 * t)),
        leaves: tinted(random, leaves),
        grass,
      });
    }
  }
}

function fallen(canvas, random, { top, leaves, unit }) {
  const { width, height } = canvas;
  for (let i = 0; i < 260; i++) {
    const t = random.next() ** 1.2;
    const size = unit * (0.004 + 0.012 * t);
    const [x, y] = [random.range(0, width), top + t * (height - top)];
    canvas.ellipse(
      x,
      y,
      size * random.range(0.8, 1.4),
      size * random.range(0.35, 0.7),
      vary(random, random.pick(leaves), 0.03),
      {
        transform: `rotate(${random.int(-40, 40)} ${x.toFixed(0)} ${y.toFixed(0)})`,
        opacity: random.range(0.6, 1),
      },
    );
  }
  for (let i = 0; i < 16; i++) {
    const [x, y] = [random.range(0, width), random.range(0.2, 0.7) * height];
    canvas.ellipse(x, y, unit * 0.01, unit * 0.005, random.pick(leaves), {
      transform: `rotate(${random.int(0, 180)} ${x.toFixed(0)} ${y.toFixed(0)})`,
    });
  }
}
