import { lighten, mix } from '../color.mjs';
import { below, clouds, firPath, glow, lineAt, ridgePoints } from '../nature.mjs';

/** Sky from the top down, snow in light and in shade, the firs. */
const scene = (title, tags, sky, light, shade, firs, more = {}) => ({
  title,
  tags,
  sky,
  light,
  shade,
  firs,
  ...more,
});

export const group = {
  name: 'snow',
  scenes: [
    scene(
      'Snowy hills on a clear day',
      ['white', 'blue'],
      ['#6fa9dc', '#b5d4ec', '#e8f1f5'],
      '#ffffff',
      '#a9c6e2',
      '#3c5f63',
      {},
    ),
    scene(
      'Cabin in the snow',
      ['white', 'brown'],
      ['#8fb0cc', '#c6d7e3', '#eef1f0'],
      '#fbfdff',
      '#b2c7da',
      '#35555a',
      { cabin: true },
    ),
    scene(
      'Falling snow in the fir wood',
      ['white', 'grey'],
      ['#a9b6c2', '#c9d2d9', '#e6eaec'],
      '#f4f7f9',
      '#b6c3ce',
      '#43585c',
      { falling: true, dense: true },
    ),
    scene(
      'Winter morning in rose light',
      ['pink', 'white'],
      ['#9db4dc', '#dcc8dc', '#ffe3d6'],
      '#fff8f5',
      '#bfb6d8',
      '#49586f',
      {},
    ),
    scene(
      'Frozen lake among snowy firs',
      ['white', 'blue'],
      ['#86b3d6', '#c2dae8', '#edf3f3'],
      '#ffffff',
      '#a8c4da',
      '#2f545b',
      { lake: true },
    ),
    scene(
      'Deep winter, heavy snow',
      ['white', 'grey'],
      ['#b4bfc9', '#d2d9de', '#e9edef'],
      '#f7f9fa',
      '#bcc8d2',
      '#4a5f66',
      { falling: true },
    ),
    scene(
      'Cabin with a lit window',
      ['blue', 'yellow'],
      ['#5d7fae', '#98afcf', '#d8dbe6'],
      '#eaf1fb',
      '#8fa8cb',
      '#2d4660',
      { cabin: true, falling: true },
    ),
    scene(
      'White slope, turquoise sky',
      ['white', 'turquoise'],
      ['#5fb3cf', '#abd9e2', '#eaf5f3'],
      '#ffffff',
      '#a6cfda',
      '#2c5f60',
      {},
    ),
    scene(
      'Snow-laden firs at noon',
      ['white', 'green'],
      ['#7db2e2', '#bcd9ef', '#eef5f7'],
      '#ffffff',
      '#b0cbe4',
      '#2f5d4f',
      { dense: true },
    ),
    scene(
      'Ice on the lake',
      ['white', 'violet'],
      ['#93a5d4', '#c8c9e2', '#f3e6ea'],
      '#fdfbff',
      '#b2b5d8',
      '#424e6e',
      { lake: true },
    ),
  ],

  paint(canvas, random, { sky, light, shade, firs, cabin, falling, dense, lake }) {
    const { width, height } = canvas;
    const unit = Math.min(width, height);
    canvas.background(canvas.sky(sky));
    glow(canvas, width * random.range(0.2, 0.8), height * 0.26, unit * 0.6, '#ffffff', 0.6);
    clouds(canvas, random, {
      color: '#ffffff',
      scale: 4.5,
      stretch: 2.6,
      cover: falling ? 0.6 : 0.44,
      softness: 0.9,
      fade: [0.8, 0.7, 0.1, 0],
    });

    const rows = 5;
    for (let i = 0; i < rows; i++) {
      const t = i / (rows - 1);
      const points = ridgePoints(random, {
        width,
        base: height * (0.5 + 0.38 * t ** 1.1),
        height: height * (0.15 - 0.05 * t),
        waves: 1.4 + 0.3 * i,
        jag: i === 0 ? 0.3 : 0.02,
      });
      const haze = 0.55 * (1 - t);
      const size = height * (0.06 + 0.3 * t ** 1.35) * (dense ? 1.15 : 0.9);
      const count = Math.round((dense ? 30 : 16) * (1 - t * 0.62));
      if (i > 0) {
        for (let k = 0; k < count; k++) {
          const x = random.range(-0.02, 1.02) * width;
          if ((cabin || lake) && i >= 3 && x > width * 0.2 && x < width * 0.78) continue;
          const tall = size * random.range(0.5, 1.15);
          snowFir(canvas, random, {
            x,
            y: lineAt(points, Math.min(width, Math.max(0, x))) + tall * 0.12,
            tall,
            color: mix(firs, sky[2], haze),
            snow: mix(light, sky[2], haze * 0.5),
          });
        }
      }
      const top = mix(light, sky[2], haze * 0.5);
      canvas.path(
        below(points, height + 2),
        canvas.sky([top, mix(top, shade, 0.4), mix(mix(light, shade, 0.72), sky[1], haze)]),
      );
      if (lake && i === 3) drawLake(canvas, random, { top: height * 0.74, sky, shade, light });
      if (cabin && i === 3)
        drawCabin(canvas, {
          x: width * 0.48,
          y: lineAt(points, width * 0.48) + unit * 0.1,
          s: unit * 0.2,
          light,
          shade,
        });
    }
    drifts(canvas, random, { shade, light });
    if (falling) flakes(canvas, random, { unit });
  },
};

/** A fir with snow on the left side of each tier. */
function snowFir(canvas, random, { x, y, tall, color, snow }) {
  canvas.path(
    firPath(random, x, y, tall, 0.46),
    canvas.gradient([lighten(color, 0.03), lighten(color, -0.05)]),
  );
  const tiers = Math.max(4, Math.round(tall / 26));
  for (let i = 0; i < tiers; i++) {
    const t = (i + 0.7) / tiers;
    const half = tall * 0.215 * t ** 0.85;
    const yy = y - tall * (1 - t);
    const drop = tall * 0.045;
    canvas.path(
      `M${x - half * 1.02} ${yy + drop * 0.5}Q${x - half * 0.5} ${yy - drop * 2.1} ${x} ${yy - drop * 2.6}Q${x + half * 0.5} ${yy - drop * 1.8} ${x + half * random.range(0.55, 0.95)} ${yy + drop * 0.3}Q${x + half * 0.35} ${yy - drop * 0.6} ${x + half * 0.1} ${yy - drop * 0.1}Q${x - half * 0.45} ${yy - drop * 0.9} ${x - half * 1.02} ${yy + drop * 0.5}Z`,
      snow,
      { opacity: 0.94 },
    );
  }
}

function drawCabin(canvas, { x, y, s, light, shade }) {
  const wall = canvas.gradient(['#7a5137', '#5a3a28']);
  canvas.ellipse(x, y, s * 1.1, s * 0.08, shade, { opacity: 0.7, filter: canvas.blur(4) });
  canvas.rect(x - s * 0.62, y - s * 0.55, s * 1.24, s * 0.57, wall);
  for (let i = 1; i < 6; i++)
    canvas.rect(x - s * 0.62, y - s * 0.55 + (i * s * 0.57) / 6, s * 1.24, 1.2, '#3b2519', { opacity: 0.6 });
  canvas.rect(x + s * 0.34, y - s * 1.22, s * 0.16, s * 0.4, '#6b5a52');
  canvas.rect(x + s * 0.32, y - s * 1.26, s * 0.2, s * 0.07, light);
  canvas.path(
    `M${x - s * 0.85} ${y - s * 0.47}L${x - s * 0.02} ${y - s * 1.2}L${x + s * 0.85} ${y - s * 0.47}L${x + s * 0.78} ${y - s * 0.37}L${x - s * 0.02} ${y - s * 0.98}L${x - s * 0.8} ${y - s * 0.37}Z`,
    canvas.gradient([light, light, shade]),
  );
  canvas.path(
    `M${x - s * 0.62} ${y - s * 0.52}L${x - s * 0.02} ${y - s * 0.99}L${x + s * 0.62} ${y - s * 0.52}Z`,
    wall,
  );
  for (const dx of [-0.36, 0.3]) {
    glow(canvas, x + s * dx, y - s * 0.3, s * 0.36, '#ffd36b', 0.55);
    canvas.rect(x + s * (dx - 0.1), y - s * 0.41, s * 0.2, s * 0.22, '#ffdf8e');
    canvas.rect(x + s * (dx - 0.1), y - s * 0.31, s * 0.2, 1.4, '#4a2f20');
    canvas.rect(x + s * dx - 0.7, y - s * 0.41, 1.4, s * 0.22, '#4a2f20');
  }
  canvas.rect(x - s * 0.12, y - s * 0.38, s * 0.22, s * 0.4, '#3f281b');
  for (let i = 0; i < 5; i++)
    canvas.circle(x + s * (0.42 + i * 0.09), y - s * (1.34 + i * 0.2), s * (0.06 + i * 0.04), '#ffffff', {
      opacity: 0.42 - i * 0.06,
      filter: canvas.blur(s * 0.03),
    });
}

function drawLake(canvas, random, { top, sky, shade, light }) {
  const { width, height } = canvas;
  canvas.ellipse(width * 0.5, top + height * 0.1, width * 0.47, height * 0.1, light);
  canvas.ellipse(
    width * 0.5,
    top + height * 0.102,
    width * 0.455,
    height * 0.09,
    canvas.sky([mix(sky[1], shade, 0.5), mix(sky[0], '#ffffff', 0.45), mix(sky[2], shade, 0.3)]),
  );
  for (let i = 0; i < 26; i++) {
    const dy = random.range(-0.07, 0.07);
    const reach = 0.4 * Math.sqrt(1 - (dy / 0.09) ** 2);
    const x = width * (0.5 + random.range(-reach, reach) * 0.8);
    canvas.ellipse(x, top + height * (0.1 + dy), width * random.range(0.02, 0.09), 1.1, '#ffffff', {
      opacity: random.range(0.25, 0.7),
    });
  }
}

function drifts(canvas, random, { shade, light }) {
  const { width, height } = canvas;
  canvas.group({ filter: canvas.blur(5) }, () => {
    for (let i = 0; i < 14; i++) {
      const [x, y] = [random.range(0, width), height * random.range(0.82, 1)];
      canvas.ellipse(
        x,
        y,
        width * random.range(0.08, 0.26),
        height * random.range(0.006, 0.018),
        random.chance(0.5) ? shade : light,
        { opacity: 0.35 },
      );
    }
  });
}

function flakes(canvas, random, { unit }) {
  for (let i = 0; i < 240; i++) {
    const near = random.next() ** 3;
    canvas.circle(
      random.range(0, canvas.width),
      random.range(0, canvas.height),
      unit * (0.0018 + near * 0.0085),
      '#ffffff',
      { opacity: random.range(0.45, 0.95) },
    );
  }
}
