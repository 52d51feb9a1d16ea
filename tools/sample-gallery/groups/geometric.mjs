import { lighten } from '../color.mjs';

/** A paper colour, a line colour, and the colours of the shapes; `style` is the way of composing. */
const scene = (title, tags, paper, ink, colors, style) => ({ title, tags, paper, ink, colors, style });

const PRIMARY = ['#d62828', '#1d4e9e', '#f6c915'];

export const group = {
  name: 'geometric',
  formats: ['png', 'jpg', 'png', 'jpg', 'webp', 'png', 'jpg', 'jpg', 'png', 'jpg'],
  grain: 0,
  scenes: [
    scene('Grid in red, blue and yellow', ['red', 'blue', 'yellow'], '#f7f3e8', '#171717', PRIMARY, 'grid'),
    scene(
      'Circles and half circles',
      ['orange', 'teal'],
      '#f3e9d8',
      '#22333b',
      ['#e76f51', '#2a9d8f', '#e9c46a', '#264653'],
      'tiles',
    ),
    scene(
      'Composition with a large red field',
      ['red', 'white'],
      '#f5f1e6',
      '#141414',
      ['#d62828', '#d62828', '#1d4e9e', '#f6c915'],
      'grid',
    ),
    scene(
      'Floating shapes on cream',
      ['blue', 'red'],
      '#f4ecdb',
      '#1f2a44',
      ['#d1495b', '#00798c', '#edae49', '#30638e'],
      'shapes',
    ),
    scene(
      'Tiles in blue and coral',
      ['blue', 'coral'],
      '#eef1ef',
      '#1b3a4b',
      ['#ff7f6a', '#3d7ea6', '#f4d58d', '#1b3a4b'],
      'tiles',
    ),
    scene(
      'Yellow grid',
      ['yellow', 'black'],
      '#faf6ea',
      '#111111',
      ['#f6c915', '#f6c915', '#d62828', '#1d4e9e', '#b9c0c4'],
      'grid',
    ),
    scene(
      'Triangles in motion',
      ['green', 'pink'],
      '#f2efe4',
      '#2d3047',
      ['#e84855', '#1b998b', '#fffd82', '#ff9b71', '#2d3047'],
      'triangles',
    ),
    scene(
      'Circle studies',
      ['red', 'blue'],
      '#f6efe0',
      '#232323',
      ['#c1121f', '#003049', '#f4a300', '#669bbc'],
      'shapes',
    ),
    scene(
      'Patchwork of quarter circles',
      ['green', 'mustard'],
      '#f1ead7',
      '#283618',
      ['#606c38', '#dda15e', '#bc6c25', '#283618'],
      'tiles',
    ),
    scene(
      'Triangles in cool colours',
      ['blue', 'violet'],
      '#eef0f5',
      '#1b1f3b',
      ['#3a86ff', '#8338ec', '#ff006e', '#ffbe0b', '#1b1f3b'],
      'triangles',
    ),
  ],

  paint(canvas, random, { paper, ink, colors, style }) {
    canvas.background(paper);
    STYLES[style](canvas, random, { paper, ink, colors });
  },
};

const STYLES = {
  /** Neo-plasticism: a rectangle is split until it is small; few are coloured. */
  grid(canvas, random, { ink, colors, paper }) {
    const unit = Math.min(canvas.width, canvas.height);
    const cells = [];
    const split = (x, y, w, h, depth) => {
      const vertical = w > h * random.range(0.75, 1.35);
      const long = vertical ? w : h;
      if (depth === 0 || long < unit * 0.24 || (depth < 3 && random.chance(0.18))) {
        cells.push([x, y, w, h]);
        return;
      }
      const at = random.pick([0.27, 0.36, 0.5, 0.64, 0.73]);
      if (vertical) {
        split(x, y, w * at, h, depth - 1);
        split(x + w * at, y, w * (1 - at), h, depth - 1);
      } else {
        split(x, y, w, h * at, depth - 1);
        split(x, y + h * at, w, h * (1 - at), depth - 1);
      }
    };
    split(0, 0, canvas.width, canvas.height, 4);
    const bySize = [...cells].sort((a, b) => b[2] * b[3] - a[2] * a[3]);
    const filled = new Map([[bySize[0], colors[0]]]);
    random
      .shuffle(bySize.slice(1))
      .slice(0, Math.ceil(cells.length * 0.45))
      .forEach((cell, i) => filled.set(cell, colors[(i + 1) % colors.length]));
    for (const cell of cells) {
      const [x, y, w, h] = cell;
      canvas.rect(x, y, w, h, filled.get(cell) ?? lighten(paper, random.range(-0.02, 0.01)), {
        stroke: ink,
        'stroke-width': unit * 0.022,
      });
    }
    canvas.rect(0, 0, canvas.width, canvas.height, 'none', { stroke: ink, 'stroke-width': unit * 0.022 });
  },

  /** Squares with quarter circles, half circles and dots, as in a patchwork. */
  tiles(canvas, random, { paper, colors }) {
    const columns = canvas.width > canvas.height ? 6 : 5;
    const size = canvas.width / columns;
    const rows = Math.ceil(canvas.height / size);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const [x, y] = [column * size, row * size];
        const [ground, figure, dot] = random.shuffle([...colors, paper]);
        canvas.rect(x, y, size + 0.5, size + 0.5, ground);
        const turn = `rotate(${random.int(0, 3) * 90} ${(x + size / 2).toFixed(1)} ${(y + size / 2).toFixed(1)})`;
        canvas.group({ transform: turn }, () => {
          const kind = random.int(0, 4);
          if (kind <= 1)
            canvas.path(`M${x} ${y}H${x + size}A${size} ${size} 0 0 1 ${x} ${y + size}Z`, figure);
          if (kind === 1)
            canvas.path(
              `M${x} ${y}H${x + size / 2}A${size / 2} ${size / 2} 0 0 1 ${x} ${y + size / 2}Z`,
              dot,
            );
          if (kind === 2) canvas.circle(x + size / 2, y + size / 2, size * 0.36, figure);
          if (kind === 2) canvas.circle(x + size / 2, y + size / 2, size * 0.15, dot);
          if (kind === 3)
            canvas.path(
              `M${x} ${y + size / 2}A${size / 2} ${size / 2} 0 0 1 ${x + size} ${y + size / 2}Z`,
              figure,
            );
          if (kind === 3)
            canvas.path(`M${x} ${y + size}A${size / 2} ${size / 2} 0 0 1 ${x + size} ${y + size}Z`, dot);
          if (kind === 4) canvas.path(`M${x} ${y}L${x + size} ${y + size}H${x}Z`, figure);
        });
      }
    }
  },

  /** Suprematist: large calm shapes, thin lines, some transparency. */
  shapes(canvas, random, { ink, colors }) {
    const { width, height } = canvas;
    const unit = Math.min(width, height);
    const [a, b, c, d] = colors;
    const tilt = random.range(-28, 28);
    canvas.group({ transform: `rotate(${tilt.toFixed(1)} ${width / 2} ${height / 2})` }, () => {
      canvas.rect(width * 0.14, height * 0.58, width * 0.74, unit * 0.1, b, { opacity: 0.92 });
      canvas.rect(width * 0.56, height * 0.12, unit * 0.16, height * 0.62, c, { opacity: 0.9 });
      for (let i = 0; i < 5; i++)
        canvas.rect(
          width * 0.08,
          height * (0.2 + i * 0.045),
          width * random.range(0.2, 0.5),
          unit * 0.012,
          ink,
        );
    });
    const [cx, cy] = [width * random.range(0.3, 0.46), height * random.range(0.36, 0.5)];
    canvas.circle(cx, cy, unit * 0.25, a, { opacity: 0.93 });
    canvas.circle(cx + unit * 0.06, cy - unit * 0.04, unit * 0.1, d);
    canvas.circle(width * 0.8, height * 0.24, unit * 0.12, 'none', {
      stroke: ink,
      'stroke-width': unit * 0.022,
    });
    canvas.circle(width * 0.8, height * 0.24, unit * 0.045, a);
    canvas.path(
      `M${width * 0.7} ${height * 0.93}L${width * 0.95} ${height * 0.88}L${width * 0.84} ${height * 0.62}Z`,
      d,
      { opacity: 0.9 },
    );
    canvas.path(
      `M${width * 0.06} ${height * 0.92}A${unit * 0.16} ${unit * 0.16} 0 0 1 ${width * 0.06 + unit * 0.32} ${height * 0.92}Z`,
      c,
    );
    for (let i = 0; i < 9; i++)
      canvas.circle(
        width * (0.42 + (i % 3) * 0.04),
        height * 0.84 + Math.floor(i / 3) * width * 0.04,
        unit * 0.011,
        ink,
      );
  },

  /** A net of triangles whose tone drifts over the sheet. */
  triangles(canvas, random, { paper, colors }) {
    const { width, height } = canvas;
    const columns = Math.round(width / 88);
    const size = width / columns;
    const rows = Math.ceil(height / size);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const [x, y] = [column * size, row * size];
        const drift = (column / columns + row / rows) / 2;
        const color = () =>
          lighten(
            random.chance(0.16)
              ? paper
              : colors[
                  Math.min(
                    colors.length - 1,
                    Math.floor((drift + random.range(-0.24, 0.24)) * colors.length + colors.length) %
                      colors.length,
                  )
                ],
            random.range(-0.05, 0.07),
          );
        const rising = random.chance(0.5);
        const [one, two] = rising
          ? [`M${x} ${y}H${x + size}L${x} ${y + size}Z`, `M${x + size} ${y}V${y + size}H${x}Z`]
          : [`M${x} ${y}V${y + size}H${x + size}Z`, `M${x} ${y}H${x + size}V${y + size}Z`];
        for (const d of [one, two]) {
          const fill = color();
          canvas.path(d, fill, { stroke: fill, 'stroke-width': 0.8 });
        }
      }
    }
  },
};
