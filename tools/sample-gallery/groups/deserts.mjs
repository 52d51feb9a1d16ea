import { path } from '../canvas.mjs';
import { lighten, mix, ramp } from '../color.mjs';
import { clouds, glow } from '../nature.mjs';

/** Sky from the top down, lit and shaded sand. */
const scene = (title, tags, sky, lit, shade, more = {}) => ({ title, tags, sky, lit, shade, ...more });

export const group = {
  name: 'deserts',
  scenes: [
    scene(
      'Dunes under a clear sky',
      ['sand', 'blue'],
      ['#3f8fcf', '#8cc3e4', '#f3e7cb'],
      '#f2c27e',
      '#a8642f',
      {},
    ),
    scene(
      'Caravan on the ridge',
      ['orange', 'brown'],
      ['#d98a4e', '#f2bd78', '#fbe3b2'],
      '#eaa353',
      '#8b4a22',
      { camels: true, sun: true },
    ),
    scene(
      'Red sand of the south',
      ['red', 'blue'],
      ['#4a93c8', '#a3cbdc', '#f6dcc0'],
      '#e07a45',
      '#8a3218',
      {},
    ),
    scene(
      'Noon over pale dunes',
      ['sand', 'white'],
      ['#6fb3da', '#b5d8e6', '#f8f1dd'],
      '#f6dcab',
      '#c59a66',
      {},
    ),
    scene(
      'Cactus and far mesas',
      ['green', 'orange'],
      ['#5aa3c9', '#bcd8d4', '#fbe6bd'],
      '#e8b06a',
      '#a55f36',
      { mesas: true, cacti: true },
    ),
    scene(
      'Golden dunes at evening',
      ['gold', 'purple'],
      ['#6f7cb0', '#dba98f', '#ffdc9c'],
      '#f0b04e',
      '#7d4530',
      { sun: true },
    ),
    scene('Caravan at daybreak', ['pink', 'sand'], ['#8fa6d0', '#e9bfb5', '#ffe4bf'], '#eab98a', '#94594a', {
      camels: true,
    }),
    scene(
      'Red mesas and dry land',
      ['red', 'sand'],
      ['#4f9fd0', '#aed4de', '#faeacb'],
      '#df9a5e',
      '#94442a',
      { mesas: true },
    ),
    scene(
      'Copper dunes, hazy sun',
      ['copper', 'orange'],
      ['#b9805a', '#e2b183', '#f6dfb8'],
      '#da9050',
      '#7a3b1f',
      { sun: true },
    ),
    scene(
      'Lone cactus in the sand',
      ['green', 'sand'],
      ['#58b0d6', '#b8dfe2', '#fdf0cf'],
      '#f3cf8f',
      '#b9834b',
      { cacti: true },
    ),
  ],

  paint(canvas, random, { sky, lit, shade, camels, sun, mesas, cacti }) {
    const { width, height } = canvas;
    const unit = Math.min(width, height);
    const horizon = height * random.range(0.4, 0.46);
    canvas.background(canvas.sky([...sky, sky[2]]));
    const sunX = width * random.range(0.18, 0.82);
    if (sun) {
      glow(canvas, sunX, horizon * 0.55, unit * 0.55, '#fff6d8', 0.85);
      canvas.circle(sunX, horizon * 0.55, unit * 0.06, '#fffaea');
    }
    clouds(canvas, random, {
      color: '#ffffff',
      scale: 7,
      stretch: 6,
      cover: 0.42,
      softness: 0.9,
      fade: [0.5, 0.5, 0, 0],
      opacity: 0.7,
    });
    if (mesas) drawMesas(canvas, random, { horizon, lit, shade, haze: sky[2] });

    const rows = 5;
    for (let i = 0; i < rows; i++) {
      const t = i / (rows - 1);
      const haze = 0.5 * (1 - t) ** 1.4;
      const crest = dune(canvas, random, {
        base: horizon + (height - horizon) * (0.02 + 0.72 * t ** 1.35) + height * 0.02,
        rise: height * (0.07 + 0.12 * t),
        lit: mix(ramp([lit, lighten(lit, -0.02)], t), sky[2], haze),
        shade: mix(shade, sky[2], haze),
        ripples: t > 0.4,
      });
      if (camels && i === 2)
        caravan(canvas, {
          crest,
          size: unit * 0.062,
          color: lighten(shade, -0.16),
          from: width * 0.3,
          count: 5,
        });
      if (cacti && i === 3) {
        cactus(canvas, {
          x: width * 0.68,
          y: crestAt(crest, width * 0.68) + unit * 0.07,
          size: unit * 0.36,
          shade,
        });
        if (mesas)
          cactus(canvas, {
            x: width * 0.22,
            y: crestAt(crest, width * 0.22) + unit * 0.02,
            size: unit * 0.17,
            shade,
          });
      }
    }
  },
};

const crestAt = (crest, x) =>
  crest.reduce((best, point) => (Math.abs(point[0] - x) < Math.abs(best[0] - x) ? point : best))[1];

/** A dune: a lit slope, and a shaded one that falls away from a winding crest. */
function dune(canvas, random, { base, rise, lit, shade, ripples }) {
  const { width, height } = canvas;
  const waves = random.range(0.75, 1.35);
  const phase = random.next();
  const crest = [];
  for (let x = -10; x <= width + 10; x += 6) {
    // Rises slowly and falls fast: the second harmonic leans the wave, as wind does.
    const turn = Math.PI * 2 * ((x / width) * waves + phase);
    const lift = Math.sin(turn) + 0.28 * Math.sin(turn * 2 + 0.6) + 0.12 * Math.sin(turn * 3.3);
    crest.push([x, base - (lift * 0.42 + 0.5) * rise * 1.35]);
  }
  const shape = `${path.line(crest)}L${width + 10} ${height + 10}L-10 ${height + 10}Z`;
  canvas.path(shape, canvas.sky([lighten(lit, 0.02), lit, mix(lit, shade, 0.3)]));
  canvas.group({ 'clip-path': canvas.clip(shape) }, () => {
    let start = null;
    for (let i = 1; i < crest.length; i++) {
      const falls = crest[i][1] > crest[i - 1][1] + 0.05;
      if (falls && start === null) start = i - 1;
      if (start !== null && (!falls || i === crest.length - 1)) {
        slope(canvas, random, { points: crest.slice(start, i), rise, shade, lit });
        start = null;
      }
    }
    if (ripples) drawRipples(canvas, random, { base, rise, shade, lit });
  });
  return crest;
}

function slope(canvas, random, { points, rise, shade, lit }) {
  if (points.length < 4) return;
  const [x0, y0] = points[0];
  const [x1, y1] = points.at(-1);
  const depth = rise * random.range(1.6, 2.4);
  const reach = (x1 - x0) * random.range(0.25, 0.6);
  const foot = `C${x1 - (x1 - x0) * 0.1} ${y1 + depth * 0.3} ${x0 + (x1 - x0) * 0.75} ${y0 + depth * 0.95} ${x0 + reach} ${y0 + depth * 1.5}C${x0 + reach * 1.1} ${y0 + depth * 0.9} ${x0 - reach * 0.25} ${y0 + depth * 0.55} ${x0} ${y0}Z`;
  canvas.path(
    path.line(points) + foot,
    canvas.gradient([
      [shade, 0.95],
      [mix(shade, lit, 0.35), 0.75],
      [lit, 0],
    ]),
  );
}

function drawRipples(canvas, random, { base, rise, shade, lit }) {
  const { width } = canvas;
  for (let i = 0; i < 16; i++) {
    const y = base + rise * random.range(0, 2.4);
    const x = random.range(-0.1, 0.8) * width;
    const length = width * random.range(0.18, 0.5);
    const bend = rise * random.range(-0.25, 0.25);
    canvas.path(`M${x} ${y}q${length * 0.25} ${bend} ${length * 0.5} 0t${length * 0.5} 0`, 'none', {
      stroke: random.chance(0.5) ? shade : lighten(lit, 0.05),
      'stroke-width': random.range(0.8, 2.2),
      opacity: 0.2,
      'stroke-linecap': 'round',
    });
  }
}

function caravan(canvas, { crest, size, color, from, count }) {
  for (let i = 0; i < count; i++) {
    const x = from + i * size * 1.75;
    camel(canvas, { x, y: crestAt(crest, x) + size * 0.08, s: size, color });
  }
}

function camel(canvas, { x, y, s, color }) {
  const p = (dx, dy) => `${(x + dx * s).toFixed(1)} ${(y - dy * s).toFixed(1)}`;
  canvas.path(
    `M${p(-0.55, 0.62)}C${p(-0.5, 0.8)} ${p(-0.36, 0.76)} ${p(-0.26, 0.86)}C${p(-0.18, 1.12)} ${p(-0.02, 1.12)} ${p(0.04, 0.86)}C${p(0.16, 0.76)} ${p(0.28, 0.72)} ${p(0.4, 0.64)}` +
      `C${p(0.5, 0.6)} ${p(0.54, 0.86)} ${p(0.6, 1.02)}L${p(0.66, 1.1)}L${p(0.84, 1.06)}L${p(0.86, 0.99)}L${p(0.71, 0.97)}C${p(0.68, 0.7)} ${p(0.6, 0.46)} ${p(0.4, 0.42)}L${p(0.39, 0)}L${p(0.32, 0)}L${p(0.29, 0.4)}L${p(0.23, 0)}L${p(0.17, 0)}L${p(0.19, 0.42)}` +
      `L${p(-0.3, 0.42)}L${p(-0.32, 0)}L${p(-0.39, 0)}L${p(-0.42, 0.4)}L${p(-0.5, 0)}L${p(-0.56, 0)}Z`,
    color,
  );
}

function cactus(canvas, { x, y, size, shade }) {
  const fill = canvas.gradient(['#2f6b45', '#5c9a5b', '#2b5d3f'], [0, 0, 1, 0]);
  const stroke = { 'stroke-linecap': 'round', 'stroke-linejoin': 'round', fill: 'none' };
  canvas.ellipse(x + size * 0.22, y, size * 0.3, size * 0.03, lighten(shade, -0.1), {
    opacity: 0.5,
    filter: canvas.blur(3),
  });
  const limb = (d, wide, color) =>
    canvas.path(d, 'none', { ...stroke, fill: 'none', stroke: color, 'stroke-width': wide });
  for (const [dx, color] of [
    [0, '#2c6142'],
    [-0.012, '#4f8f58'],
  ]) {
    const wide = dx === 0 ? 1 : 0.45;
    limb(
      `M${x + dx * size} ${y - size * 0.42}H${x - size * 0.2 + dx * size}V${y - size * 0.66}`,
      size * 0.085 * wide,
      color,
    );
    limb(
      `M${x + dx * size} ${y - size * 0.32}H${x + size * 0.21 + dx * size}V${y - size * 0.6}`,
      size * 0.085 * wide,
      color,
    );
  }
  canvas.rect(x - size * 0.065, y - size, size * 0.13, size, fill, { rx: size * 0.065 });
  for (let i = -1; i <= 1; i++)
    canvas.rect(x + i * size * 0.033 - 0.5, y - size * 0.94, 1, size * 0.92, '#1f4d35', { opacity: 0.4 });
}

function drawMesas(canvas, random, { horizon, lit, shade, haze }) {
  const { width, height } = canvas;
  for (const [at, wide, tall] of [
    [0.16, 0.26, 0.17],
    [0.82, 0.34, 0.22],
    [0.55, 0.12, 0.1],
  ]) {
    const color = mix(mix(shade, lit, 0.3), haze, 0.3);
    const [x, half, top] = [width * at, (width * wide) / 2, horizon - height * tall];
    const d = `M${x - half * 1.5} ${horizon + height * 0.1}L${x - half * 0.95} ${horizon - height * tall * 0.35}L${x - half * 0.82} ${top + 4}L${x - half * 0.7} ${top}L${x + half * 0.72} ${top + random.range(-2, 5)}L${x + half * 0.8} ${top + 8}L${x + half} ${horizon - height * tall * 0.35}L${x + half * 1.6} ${horizon + height * 0.1}Z`;
    canvas.path(d, canvas.gradient([lighten(color, 0.05), color, mix(color, haze, 0.35)]));
    canvas.group({ 'clip-path': canvas.clip(d) }, () => {
      for (let k = 0; k < 5; k++)
        canvas.rect(
          x - half * 2,
          top + height * tall * (0.1 + k * 0.13),
          half * 4,
          height * tall * 0.035,
          lighten(color, k % 2 ? 0.05 : -0.06),
          { opacity: 0.55 },
        );
      canvas.rect(x + half * 0.2, top - 4, half * 1.6, height * 0.4, lighten(color, -0.12), { opacity: 0.4 });
    });
  }
}
