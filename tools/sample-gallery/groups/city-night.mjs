import { lighten, mix } from '../color.mjs';
import { clouds, glow } from '../nature.mjs';

/** Sky from the top down, and the colours of the lit windows. */
const scene = (title, tags, sky, lights, more = {}) => ({ title, tags, sky, lights, ...more });

const WARM = ['#ffd98a', '#ffe9b8', '#ffb861'];
const COOL = ['#bfe6ff', '#8fd0ff', '#fff0cf'];

export const group = {
  name: 'city-night',
  scenes: [
    scene('Harbour skyline at night', ['blue', 'yellow'], ['#070d26', '#142350', '#3b4a86'], WARM, {
      water: true,
    }),
    scene('Full moon over the towers', ['indigo', 'white'], ['#0a0c22', '#1b2050', '#4d4b8c'], WARM, {
      moon: true,
    }),
    scene(
      'Neon city after dark',
      ['purple', 'pink'],
      ['#120a2c', '#35154f', '#8a2f7d'],
      ['#ff7ad1', '#7af0ff', '#ffd27a'],
      { water: true },
    ),
    scene('Blue hour downtown', ['blue'], ['#12244f', '#2a4f8f', '#7f9fc9'], WARM, {}),
    scene('Lights on the river', ['teal', 'gold'], ['#04161f', '#0d3644', '#2f6d74'], WARM, {
      water: true,
      moon: true,
    }),
    scene('High-rises under the stars', ['black', 'yellow'], ['#05060f', '#0d1230', '#232a58'], WARM, {
      stars: true,
    }),
    scene('Last glow behind the skyline', ['orange', 'blue'], ['#0c1434', '#3a3468', '#d07a54'], WARM, {}),
    scene('Cold lights of the business quarter', ['blue', 'cyan'], ['#060f20', '#0f2c4c', '#2d6690'], COOL, {
      water: true,
    }),
    scene('City lights and a crescent', ['violet', 'gold'], ['#0f0b2b', '#2a1f5c', '#6d4f96'], WARM, {
      crescent: true,
      stars: true,
    }),
    scene('Skyline mirrored in the bay', ['navy', 'red'], ['#0a0a20', '#2b1a44', '#a8455a'], WARM, {
      water: true,
    }),
  ],

  paint(canvas, random, { sky, lights, water, moon, crescent, stars }) {
    const { width, height } = canvas;
    const ground = water ? height * 0.72 : height;
    const unit = Math.min(width, height);
    canvas.background(canvas.sky(sky));
    for (let i = 0; i < (stars ? 170 : 60); i++) {
      const y = random.next() ** 1.5 * height * 0.55;
      canvas.circle(random.range(0, width), y, random.range(0.4, 1.3), '#ffffff', {
        opacity: random.range(0.2, 0.9),
      });
    }
    const moonX = width * random.range(0.2, 0.8);
    if (moon) {
      glow(canvas, moonX, height * 0.2, unit * 0.34, '#cfd8ff', 0.5);
      canvas.circle(
        moonX,
        height * 0.2,
        unit * 0.062,
        canvas.radial(['#fffdf2', '#f6efd6', '#d9d2bd'], { cx: 0.4, cy: 0.4, r: 0.7 }),
      );
    }
    if (crescent) drawCrescent(canvas, { x: moonX, y: height * 0.19, r: unit * 0.06 });
    clouds(canvas, random, {
      color: mix(sky[2], sky[1], 0.4),
      scale: 6,
      stretch: 5,
      cover: 0.46,
      fade: [0.25, 0.5, 0.3, 0],
      opacity: 0.6,
    });
    canvas.ellipse(
      width / 2,
      ground,
      width * 0.75,
      height * 0.36,
      canvas.radial([
        [mix(sky[2], lights[0], 0.45), 0.75],
        [sky[2], 0],
      ]),
    );

    const towers = [];
    for (const [depth, tall] of [
      [0, 0.46],
      [0.5, 0.58],
      [1, 0.4],
    ]) {
      const color = mix(mix(sky[2], sky[1], 0.55), lighten(sky[0], -0.02), 0.25 + depth * 0.7);
      let x = -width * 0.02;
      while (x < width) {
        const wide = unit * random.range(0.055, 0.12) * (0.75 + depth * 0.35);
        const middle = 1 - Math.abs((x + wide / 2) / width - 0.5) * 0.9;
        towers.push({
          x,
          wide,
          tall: height * tall * random.range(0.42, 1) * middle,
          color,
          depth,
          roof: random.pick(['flat', 'flat', 'step', 'spire', 'slope']),
        });
        x += wide * random.range(0.9, 1.25);
      }
    }
    const skyline = () => {
      for (const tower of towers) drawTower(canvas, random, { ...tower, ground, lights, unit });
    };
    skyline();
    if (water) reflect(canvas, random, { ground, towers, sky, lights });
    else street(canvas, random, { lights, unit });
  },
};

function drawTower(canvas, random, { x, wide, tall, color, depth, roof, ground, lights, unit }) {
  const top = ground - tall;
  const face = canvas.gradient([lighten(color, 0.035), lighten(color, -0.03)], [0, 0, 0.9, 1]);
  if (roof === 'step') canvas.rect(x + wide * 0.2, top - wide * 0.22, wide * 0.6, wide * 0.3, face);
  if (roof === 'spire') {
    canvas.path(
      `M${x + wide * 0.3} ${top}L${x + wide * 0.5} ${top - wide * 0.7}L${x + wide * 0.7} ${top}Z`,
      face,
    );
    canvas.rect(x + wide * 0.5 - 0.8, top - wide * 1.15, 1.6, wide * 0.5, color);
    canvas.circle(x + wide * 0.5, top - wide * 1.15, 2, '#ff6a5a', { opacity: 0.9 });
  }
  if (roof === 'slope')
    canvas.path(`M${x} ${top + 1}L${x} ${top - wide * 0.32}L${x + wide} ${top + 1}Z`, face);
  canvas.rect(x, top, wide, tall + 2, face);

  const cell = unit * (0.011 + depth * 0.0055);
  const columns = Math.max(2, Math.floor(wide / (cell * 1.5)));
  const rows = Math.floor(tall / (cell * 1.75));
  const stepX = wide / columns;
  const lit = random.range(0.18, 0.5);
  const tint = random.pick(lights);
  for (let row = 1; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (!random.chance(lit)) continue;
      canvas.rect(
        x + (column + 0.26) * stepX,
        top + row * cell * 1.75,
        stepX * 0.5,
        cell,
        random.chance(0.75) ? tint : random.pick(lights),
        {
          opacity: random.range(0.35, 1) * (0.5 + depth * 0.5),
        },
      );
    }
  }
}

function reflect(canvas, random, { ground, towers, sky, lights }) {
  const { width, height } = canvas;
  const deep = lighten(sky[0], -0.01);
  canvas.rect(
    0,
    ground,
    width,
    height - ground,
    canvas.sky([mix(sky[2], deep, 0.55), deep, lighten(deep, -0.02)]),
  );
  canvas.group({ filter: canvas.blur(3) }, () => {
    for (const { x, wide, tall, depth } of towers) {
      if (depth === 0) continue;
      const tint = random.pick(lights);
      const reach = Math.min(tall * 0.9, height - ground);
      canvas.rect(
        x + wide * 0.15,
        ground,
        wide * 0.7,
        reach,
        canvas.gradient([
          [tint, 0.4],
          [tint, 0.14],
          [tint, 0],
        ]),
      );
    }
  });
  for (let i = 0; i < 260; i++) {
    const t = random.next() ** 1.3;
    const y = ground + 2 + t * (height - ground);
    const dark = random.chance(0.45);
    canvas.ellipse(
      random.range(0, width),
      y,
      width * (0.008 + t * 0.04),
      0.5 + t * 1.6,
      dark ? deep : random.pick(lights),
      {
        opacity: dark ? 0.55 : random.range(0.06, 0.4) * (1 - t * 0.6),
      },
    );
  }
  canvas.rect(0, ground - 1, width, 2.5, mix(deep, lights[0], 0.35));
}

/** Trees and lamps at the foot of the towers. */
function street(canvas, random, { lights, unit }) {
  const { width, height } = canvas;
  for (let x = 0; x < width; x += unit * random.range(0.04, 0.1)) {
    canvas.circle(x, height - unit * random.range(0, 0.02), unit * random.range(0.025, 0.05), '#070a14', {
      opacity: 0.95,
    });
  }
  for (let i = 0; i < 26; i++) {
    const x = random.range(0, width);
    const y = height - unit * random.range(0.01, 0.07);
    const r = unit * random.range(0.008, 0.028);
    canvas.circle(x, y, r, random.pick(lights), { opacity: random.range(0.25, 0.65) });
  }
}

function drawCrescent(canvas, { x, y, r }) {
  glow(canvas, x, y, r * 4, '#fff3cf', 0.4);
  canvas.path(
    `M${x} ${y - r}A${r} ${r} 0 1 1 ${x - r * 0.9} ${y + r * 0.5}A${r * 0.82} ${r * 0.82} 0 1 0 ${x} ${y - r}Z`,
    '#fff3cf',
  );
}
