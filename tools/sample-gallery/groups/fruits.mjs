import { lighten, mix, vary } from '../color.mjs';

/** The wall, the table, and the fruits from left to right. */
const scene = (title, tags, wall, table, fruits, more = {}) => ({
  title,
  tags,
  wall,
  table,
  fruits,
  ...more,
});

const LINEN = ['#d9cfc0', '#efe7da'];
const TEAL = ['#2f5d62', '#5e8b86'];
const DUSK = ['#3b3f54', '#646a83'];
const SAGE = ['#8a9a82', '#b9c4ab'];
const WOOD = ['#a8713f', '#7c4f2a'];
const DARK = ['#6b452b', '#472c1b'];
const CLOTH = ['#efe9dd', '#cfc4b2'];

export const group = {
  name: 'fruits',
  landscape: true,
  scenes: [
    scene('Red apples on a wooden table', ['red', 'brown'], LINEN, WOOD, ['apple', 'apple', 'apple']),
    scene('Oranges before a teal wall', ['orange', 'teal'], TEAL, WOOD, [
      'orange',
      'orange',
      'half-orange',
      'orange',
    ]),
    scene('Lemons on a white cloth', ['yellow', 'white'], SAGE, CLOTH, [
      'lemon',
      'lemon',
      'half-lemon',
      'lemon',
    ]),
    scene('Pears and an apple', ['green', 'red'], DUSK, DARK, ['pear', 'apple', 'pear']),
    scene('Bowl of fruit', ['red', 'orange', 'green'], LINEN, WOOD, ['apple', 'orange', 'pear', 'lemon'], {
      bowl: '#3d6c94',
    }),
    scene('Grapes and a pear', ['purple', 'green'], SAGE, DARK, ['grapes', 'pear']),
    scene('Green apples by the window', ['green', 'white'], LINEN, CLOTH, [
      'green-apple',
      'green-apple',
      'green-apple',
    ]),
    scene('Citrus still life', ['orange', 'yellow'], DUSK, WOOD, ['orange', 'lemon', 'half-orange', 'lime']),
    scene('Grapes, apple and orange', ['purple', 'red', 'orange'], TEAL, DARK, ['apple', 'grapes', 'orange']),
    scene(
      'Fruit in a white bowl',
      ['yellow', 'green'],
      TEAL,
      WOOD,
      ['lemon', 'green-apple', 'orange', 'lime'],
      { bowl: '#efece4' },
    ),
  ],

  paint(canvas, random, { wall, table, fruits, bowl }) {
    const { width, height } = canvas;
    const unit = Math.min(width, height);
    const edge = height * 0.6;
    canvas.background(canvas.sky([wall[0], wall[1], mix(wall[1], wall[0], 0.4)], [1, 0, 0, 1]));
    canvas.circle(
      width * 0.2,
      height * 0.2,
      unit * 0.9,
      canvas.radial([
        ['#fff7e2', 0.5],
        ['#fff7e2', 0.12],
        ['#fff7e2', 0],
      ]),
    );
    drawTable(canvas, random, { edge, table });
    const count = fruits.length;
    const r = Math.min(unit * 0.185, (width / (count + 0.9)) * 0.5);
    if (bowl) {
      fruitBowl(canvas, random, {
        x: width * 0.5,
        y: edge + unit * 0.24,
        size: unit * 0.34,
        color: bowl,
        fruits,
      });
      return;
    }
    const middle = (count - 1) / 2;
    const places = fruits.map((kind, i) => ({
      kind,
      x: width * 0.5 + (i - middle) * r * 2.02 + random.range(-0.08, 0.08) * r,
      y: edge + unit * (0.1 + 0.07 * ((i + 1) % 2)) + random.range(-0.01, 0.01) * unit,
      r: r * random.range(0.94, 1.06),
    }));
    for (const place of [...places].sort((a, b) => a.y - b.y)) {
      shadow(canvas, { ...place, table });
      FRUITS[place.kind](canvas, random, place);
    }
  },
};

function drawTable(canvas, random, { edge, table }) {
  const { width, height } = canvas;
  canvas.rect(0, edge, width, height - edge, canvas.sky([lighten(table[0], 0.06), table[0], table[1]]));
  for (let i = 0; i < 34; i++) {
    const y = edge + ((height - edge) * i) / 34 + random.range(-3, 3);
    const bend = random.range(-5, 5);
    canvas.path(
      `M0 ${y}C${width * 0.3} ${y + bend} ${width * 0.6} ${y - bend} ${width} ${y + bend * 0.5}`,
      'none',
      {
        stroke: random.chance(0.5) ? table[1] : lighten(table[0], 0.06),
        'stroke-width': random.range(0.8, 2.6),
        opacity: random.range(0.12, 0.4),
      },
    );
  }
  canvas.rect(0, edge - 1, width, 3, lighten(table[0], 0.12), { opacity: 0.5 });
  canvas.rect(
    0,
    edge - 22,
    width,
    22,
    canvas.gradient([
      ['#000000', 0],
      ['#000000', 0.16],
    ]),
  );
}

/** Falls to the right, away from the light at the upper left. */
function shadow(canvas, { x, y, r, table }) {
  const dark = lighten(table[1], -0.2);
  canvas.ellipse(x + r * 0.42, y + r * 0.88, r * 1.15, r * 0.24, dark, {
    opacity: 0.5,
    filter: canvas.blur(r * 0.09),
  });
  canvas.ellipse(x + r * 0.08, y + r * 0.93, r * 0.72, r * 0.11, lighten(dark, -0.08), {
    opacity: 0.6,
    filter: canvas.blur(r * 0.04),
  });
}

const body = (canvas, color) =>
  canvas.radial(
    [lighten(color, 0.17), lighten(color, 0.05), color, lighten(color, -0.13), lighten(color, -0.2)],
    { cx: 0.36, cy: 0.3, r: 0.78 },
  );

function shine(canvas, { x, y, r, strength = 0.6 }) {
  canvas.ellipse(x - r * 0.36, y - r * 0.4, r * 0.2, r * 0.13, '#ffffff', {
    opacity: strength,
    transform: `rotate(-35 ${x - r * 0.36} ${y - r * 0.4})`,
    filter: canvas.blur(r * 0.045),
  });
}

function stalk(canvas, { x, y, r, leaf }) {
  canvas.path(`M${x} ${y}Q${x + r * 0.02} ${y - r * 0.2} ${x + r * 0.13} ${y - r * 0.33}`, 'none', {
    stroke: '#5a3d22',
    'stroke-width': r * 0.065,
    'stroke-linecap': 'round',
  });
  if (leaf)
    canvas.path(
      `M${x + r * 0.04} ${y - r * 0.16}Q${x + r * 0.28} ${y - r * 0.46} ${x + r * 0.62} ${y - r * 0.3}Q${x + r * 0.38} ${y - r * 0.05} ${x + r * 0.04} ${y - r * 0.16}Z`,
      canvas.gradient(['#7fae4b', '#3f7a32']),
    );
}

function apple(canvas, random, { x, y, r, color, blush }) {
  const base = vary(random, color, 0.015);
  const d = `M${x} ${y - r * 0.72}C${x + r * 0.34} ${y - r * 1.02} ${x + r * 1.06} ${y - r * 0.86} ${x + r * 1.02} ${y - r * 0.08}C${x + r} ${y + r * 0.58} ${x + r * 0.56} ${y + r * 1.02} ${x + r * 0.22} ${y + r * 0.94}Q${x} ${y + r * 0.86} ${x - r * 0.22} ${y + r * 0.94}C${x - r * 0.56} ${y + r * 1.02} ${x - r} ${y + r * 0.58} ${x - r * 1.02} ${y - r * 0.08}C${x - r * 1.06} ${y - r * 0.86} ${x - r * 0.34} ${y - r * 1.02} ${x} ${y - r * 0.72}Z`;
  canvas.path(d, body(canvas, base));
  canvas.group({ 'clip-path': canvas.clip(d) }, () => {
    for (let i = 0; i < 40; i++) {
      const k = random.range(-1, 1);
      canvas.path(
        `M${x + k * r * 0.16} ${y - r * 0.7}Q${x + k * r * 1.25} ${y - r * 0.2} ${x + k * r * 0.85} ${y + r * random.range(0.2, 0.85)}`,
        'none',
        { stroke: blush, 'stroke-width': random.range(0.8, 2.6), opacity: random.range(0.06, 0.22) },
      );
    }
    canvas.ellipse(x, y - r * 0.74, r * 0.34, r * 0.12, lighten(base, -0.16), {
      opacity: 0.7,
      filter: canvas.blur(r * 0.05),
    });
  });
  stalk(canvas, { x, y: y - r * 0.7, r, leaf: random.chance(0.6) });
  shine(canvas, { x, y, r, strength: 0.62 });
}

function citrus(canvas, random, { x, y, r, color }) {
  const base = vary(random, color, 0.012);
  canvas.circle(x, y, r, body(canvas, base));
  for (let i = 0; i < 90; i++) {
    const angle = random.range(0, Math.PI * 2);
    const far = Math.sqrt(random.next()) * 0.93;
    canvas.circle(
      x + Math.cos(angle) * far * r,
      y + Math.sin(angle) * far * r,
      r * 0.014,
      random.chance(0.5) ? lighten(base, -0.1) : lighten(base, 0.09),
      { opacity: 0.4 },
    );
  }
  canvas.circle(x + r * 0.12, y - r * 0.82, r * 0.06, '#6f7f3a');
  shine(canvas, { x, y, r, strength: 0.45 });
}

function lemon(canvas, random, { x, y, r, color }) {
  const base = vary(random, color, 0.012);
  const tilt = random.range(-18, 18);
  canvas.group(
    {
      transform: `rotate(${tilt.toFixed(1)} ${x.toFixed(1)} ${y.toFixed(1)}) translate(0 ${(r * 0.14).toFixed(1)})`,
    },
    () => {
      canvas.path(
        `M${x - r * 1.2} ${y + r * 0.05}C${x - r * 1.02} ${y - r * 0.14} ${x - r * 0.95} ${y - r * 0.8} ${x} ${y - r * 0.8}C${x + r * 0.9} ${y - r * 0.8} ${x + r * 0.98} ${y - r * 0.2} ${x + r * 1.2} ${y}C${x + r} ${y + r * 0.22} ${x + r * 0.9} ${y + r * 0.8} ${x} ${y + r * 0.8}C${x - r * 0.95} ${y + r * 0.8} ${x - r} ${y + r * 0.22} ${x - r * 1.2} ${y + r * 0.05}Z`,
        body(canvas, base),
      );
      for (let i = 0; i < 60; i++) {
        const angle = random.range(0, Math.PI * 2);
        const far = Math.sqrt(random.next());
        canvas.circle(
          x + Math.cos(angle) * far * r * 0.9,
          y + Math.sin(angle) * far * r * 0.66,
          r * 0.014,
          lighten(base, -0.08),
          { opacity: 0.4 },
        );
      }
      shine(canvas, { x, y: y + r * 0.1, r, strength: 0.5 });
    },
  );
}

/** A cut half, the flesh towards the viewer. */
function half(canvas, random, { x, y, r, rind, flesh }) {
  const s = r * 0.92;
  const cy = y + r * 0.08;
  canvas.circle(x, cy, s, canvas.gradient([lighten(rind, 0.06), lighten(rind, -0.06)]));
  canvas.circle(x, cy, s * 0.9, '#fdf3d6');
  const segments = 10;
  for (let i = 0; i < segments; i++) {
    const [a, b] = [((i + 0.07) / segments) * Math.PI * 2, ((i + 0.93) / segments) * Math.PI * 2];
    const at = (angle, far) =>
      `${(x + Math.cos(angle) * s * far).toFixed(1)} ${(cy + Math.sin(angle) * s * far).toFixed(1)}`;
    const tone = vary(random, flesh, 0.015);
    canvas.path(
      `M${at((a + b) / 2, 0.1)}L${at(a + 0.06, 0.74)}Q${at((a + b) / 2, 0.92)} ${at(b - 0.06, 0.74)}Z`,
      canvas.radial([lighten(tone, 0.08), tone]),
      { stroke: tone, 'stroke-width': s * 0.05, 'stroke-linejoin': 'round' },
    );
  }
  canvas.circle(x, cy, s * 0.08, '#fdf3d6');
}

function pear(canvas, random, { x, y, r }) {
  const color = vary(random, '#b7bf45', 0.02);
  const d = `M${x} ${y - r * 1.32}C${x + r * 0.42} ${y - r * 1.3} ${x + r * 0.44} ${y - r * 0.8} ${x + r * 0.6} ${y - r * 0.42}C${x + r * 0.8} ${y - r * 0.05} ${x + r} ${y + r * 0.1} ${x + r * 0.93} ${y + r * 0.46}C${x + r * 0.84} ${y + r * 0.88} ${x + r * 0.4} ${y + r * 0.98} ${x} ${y + r * 0.95}C${x - r * 0.4} ${y + r * 0.98} ${x - r * 0.84} ${y + r * 0.88} ${x - r * 0.93} ${y + r * 0.46}C${x - r} ${y + r * 0.1} ${x - r * 0.8} ${y - r * 0.05} ${x - r * 0.6} ${y - r * 0.42}C${x - r * 0.44} ${y - r * 0.8} ${x - r * 0.42} ${y - r * 1.3} ${x} ${y - r * 1.32}Z`;
  canvas.path(d, body(canvas, color));
  canvas.group({ 'clip-path': canvas.clip(d) }, () => {
    canvas.circle(
      x + r * 0.55,
      y + r * 0.3,
      r * 0.8,
      canvas.radial([
        ['#c9572f', 0.42],
        ['#c9572f', 0],
      ]),
    );
    for (let i = 0; i < 70; i++)
      canvas.circle(x + random.range(-0.9, 0.9) * r, y + random.range(-1.2, 0.9) * r, r * 0.013, '#6f6a22', {
        opacity: 0.35,
      });
  });
  stalk(canvas, { x, y: y - r * 1.28, r, leaf: random.chance(0.5) });
  shine(canvas, { x, y: y + r * 0.28, r: r * 0.95, strength: 0.4 });
}

function grapes(canvas, random, { x, y, r }) {
  const berries = [];
  for (let row = 0; row < 6; row++) {
    const across = Math.max(1, 6 - row);
    for (let i = 0; i < across; i++)
      berries.push([
        x + (i - (across - 1) / 2) * r * 0.39 + random.range(-0.04, 0.04) * r,
        y - r * 0.72 + row * r * 0.31 + random.range(-0.05, 0.05) * r,
      ]);
  }
  stalk(canvas, { x, y: y - r * 0.85, r: r * 1.2, leaf: true });
  for (const [bx, by] of random.shuffle(berries)) {
    const color = vary(random, '#5b2a72', 0.025);
    const size = r * random.range(0.225, 0.26);
    canvas.circle(bx, by, size, body(canvas, color));
    canvas.circle(bx - size * 0.34, by - size * 0.36, size * 0.17, '#ffffff', { opacity: 0.6 });
  }
}

const FRUITS = {
  apple: (canvas, random, place) => apple(canvas, random, { ...place, color: '#b8232a', blush: '#f1b24a' }),
  'green-apple': (canvas, random, place) =>
    apple(canvas, random, { ...place, color: '#86b137', blush: '#e4e88a' }),
  orange: (canvas, random, place) => citrus(canvas, random, { ...place, color: '#ee8420' }),
  lime: (canvas, random, { r, ...place }) =>
    lemon(canvas, random, { ...place, r: r * 0.82, y: place.y + r * 0.14, color: '#6f9f2f' }),
  lemon: (canvas, random, { r, ...place }) =>
    lemon(canvas, random, { ...place, r: r * 0.9, y: place.y + r * 0.06, color: '#f0cb2a' }),
  'half-orange': (canvas, random, place) =>
    half(canvas, random, { ...place, rind: '#ea7d1a', flesh: '#f7a035' }),
  'half-lemon': (canvas, random, place) =>
    half(canvas, random, { ...place, rind: '#ecc526', flesh: '#f6de5c' }),
  pear,
  grapes,
};

function fruitBowl(canvas, random, { x, y, size: s, color, fruits }) {
  canvas.ellipse(x + s * 0.3, y + s * 0.02, s * 1.25, s * 0.16, '#24160c', {
    opacity: 0.45,
    filter: canvas.blur(s * 0.05),
  });
  canvas.ellipse(x, y - s * 0.62, s * 1.12, s * 0.24, lighten(color, -0.22));
  const back = [
    [-0.36, -0.88],
    [0.34, -0.92],
    [-0.02, -1.18],
  ];
  const front = [
    [-0.66, -0.68],
    [-0.04, -0.7],
    [0.62, -0.7],
  ];
  [...back, ...front].forEach(([dx, dy], i) => {
    const kind = fruits[i % fruits.length];
    const r = s * (kind === 'pear' ? 0.32 : 0.37);
    FRUITS[kind](canvas, random, { x: x + dx * s, y: y + dy * s, r });
  });
  canvas.path(
    `M${x - s * 1.14} ${y - s * 0.62}C${x - s * 1.02} ${y - s * 0.1} ${x - s * 0.5} ${y + s * 0.05} ${x} ${y + s * 0.05}C${x + s * 0.5} ${y + s * 0.05} ${x + s * 1.02} ${y - s * 0.1} ${x + s * 1.14} ${y - s * 0.62}C${x + s * 0.9} ${y - s * 0.42} ${x + s * 0.4} ${y - s * 0.37} ${x} ${y - s * 0.37}C${x - s * 0.4} ${y - s * 0.37} ${x - s * 0.9} ${y - s * 0.42} ${x - s * 1.14} ${y - s * 0.62}Z`,
    canvas.gradient([lighten(color, 0.1), color, lighten(color, -0.14)], [0, 0, 1, 0.4]),
  );
  canvas.path(
    `M${x - s * 1.14} ${y - s * 0.62}C${x - s * 0.9} ${y - s * 0.42} ${x - s * 0.4} ${y - s * 0.37} ${x} ${y - s * 0.37}C${x + s * 0.4} ${y - s * 0.37} ${x + s * 0.9} ${y - s * 0.42} ${x + s * 1.14} ${y - s * 0.62}`,
    'none',
    { stroke: lighten(color, 0.16), 'stroke-width': s * 0.025 },
  );
  canvas.ellipse(x - s * 0.55, y - s * 0.24, s * 0.1, s * 0.17, '#ffffff', {
    opacity: 0.3,
    transform: `rotate(-38 ${x - s * 0.55} ${y - s * 0.24})`,
    filter: canvas.blur(s * 0.03),
  });
}
