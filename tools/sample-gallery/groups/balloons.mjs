import { lighten, mix } from '../color.mjs';
import { below, clouds, glow, ridgePoints } from '../nature.mjs';

/** Sky from the top down, hills below; stripes of each balloon, the large one first. */
const scene = (title, tags, sky, hills, balloons, more = {}) => ({
  title,
  tags,
  sky,
  hills,
  balloons,
  ...more,
});

const DAY = ['#3f9be8', '#92cbf5', '#e4f4fb'];
const MORNING = ['#7aa5de', '#c5cfe8', '#ffe3c9'];
const CLEAR = ['#2f86d8', '#7fbff0', '#d3edfa'];

const RAINBOW = ['#e63946', '#f77f00', '#fcbf49', '#3da35d', '#277da1', '#7b2cbf'];

export const group = {
  name: 'balloons',
  scenes: [
    scene('Rainbow balloon in a blue sky', ['rainbow', 'blue'], DAY, '#6d9f6a', [RAINBOW]),
    scene('Red and white hot-air balloon', ['red', 'white'], CLEAR, '#5f9a77', [['#d62839', '#fdf3e7']]),
    scene('Three balloons over green hills', ['yellow', 'green'], DAY, '#6ca653', [
      ['#ffb703', '#fb8500'],
      ['#8ecae6', '#219ebc'],
      ['#ef476f', '#ffd166'],
    ]),
    scene('Balloon festival in the morning', ['orange', 'pink'], MORNING, '#7c9a7d', [
      ['#f3722c', '#f9c74f'],
      ['#90be6d', '#43aa8b'],
      ['#f94144', '#f8f1e5'],
      ['#577590', '#f9c74f'],
      ['#b5179e', '#f4a6d7'],
    ]),
    scene('Blue balloon above the clouds', ['blue', 'white'], CLEAR, null, [['#1d4e9e', '#f4f8ff']]),
    scene('Yellow balloon and a small companion', ['yellow', 'blue'], DAY, '#88a860', [
      ['#ffd60a', '#fff3b0'],
      ['#ef233c', '#fdf0d5'],
    ]),
    scene('Violet and turquoise balloons', ['violet', 'turquoise'], MORNING, '#6f8f8a', [
      ['#7209b7', '#4cc9f0'],
      ['#4361ee', '#f1faee'],
      ['#f72585', '#ffe5ec'],
    ]),
    scene('Green balloon at noon', ['green', 'blue'], CLEAR, '#5b9560', [['#2b9348', '#d9ed92', '#80b918']]),
    scene('Balloons drifting over the clouds', ['red', 'orange'], DAY, null, [
      ['#d00000', '#ffba08'],
      ['#3f88c5', '#f5f1e3'],
      ['#136f63', '#f3d34a'],
      ['#e85d04', '#faf3dd'],
    ]),
    scene('Pink balloon in soft light', ['pink', 'peach'], MORNING, '#8b9d83', [
      ['#ff5d8f', '#ffcad4', '#fff0f3'],
      ['#9d8df1', '#e7e0ff'],
    ]),
  ],

  paint(canvas, random, { sky, hills, balloons }) {
    const { width, height } = canvas;
    const unit = Math.min(width, height);
    canvas.background(canvas.sky(sky));
    glow(canvas, width * random.range(0.1, 0.9), height * 0.12, unit * 0.6, '#fffbe9', 0.55);
    clouds(canvas, random, {
      color: '#ffffff',
      scale: 4.5,
      stretch: 2,
      cover: 0.44,
      softness: 0.7,
      fade: [0.6, 0.85, 0.85, 0.6],
    });
    if (hills === null) {
      clouds(canvas, random, {
        color: '#ffffff',
        scale: 4,
        stretch: 2,
        cover: 0.78,
        softness: 0.8,
        fade: [0, 0, 0, 0.5, 1, 1],
      });
    } else {
      for (let i = 0; i < 3; i++) {
        const color = mix(mix(hills, sky[2], 0.55 - i * 0.25), '#1d3b2a', i * 0.09);
        const points = ridgePoints(random, {
          width,
          base: height * (0.88 + i * 0.055),
          height: height * 0.09,
          waves: 1.6,
          jag: 0.05,
        });
        canvas.path(
          below(points, height + 2),
          canvas.gradient([lighten(color, 0.03), lighten(color, -0.04)]),
        );
      }
    }
    const places =
      balloons.length === 1
        ? [[0.5, 0.42, 0.27]]
        : [
            [0.36, 0.4, 0.22],
            [0.74, 0.3, 0.115],
            [0.66, 0.66, 0.085],
            [0.12, 0.22, 0.06],
            [0.9, 0.6, 0.05],
          ];
    const mirror = random.chance(0.5);
    balloons
      .map((colors, i) => ({ colors, place: places[i] }))
      .reverse()
      .forEach(({ colors, place: [x, y, r] }) => {
        const at = (mirror ? 1 - x : x) + random.range(-0.03, 0.03);
        balloon(canvas, random, {
          x: width * at,
          y: height * (y + random.range(-0.02, 0.02)),
          r: unit * r,
          colors,
          haze: r < 0.1 ? mix(sky[1], '#ffffff', 0.2) : null,
        });
      });
  },
};

/** Gores as slices of an ellipse, a basket on ropes, light from the upper left. */
function balloon(canvas, random, { x, y, r, colors, haze }) {
  const tint = (color) => (haze === null ? color : mix(color, haze, 0.22));
  const neck = y + r * 1.42;
  const outline = (k) =>
    `M${x} ${y - r * 1.06}C${x + k * 0.74} ${y - r * 1.06} ${x + k * 1.32} ${y - r * 0.42} ${x + k * 1.08} ${y + r * 0.32}C${x + k * 0.9} ${y + r * 0.82} ${x + k * 0.34} ${y + r * 1.1} ${x + k * 0.22} ${neck}`;
  const whole = `${outline(r)}L${x - r * 0.22} ${neck}C${x - r * 0.34} ${y + r * 1.1} ${x - r * 0.9} ${y + r * 0.82} ${x - r * 1.08} ${y + r * 0.32}C${x - r * 1.32} ${y - r * 0.42} ${x - r * 0.74} ${y - r * 1.06} ${x} ${y - r * 1.06}Z`;
  const half = (k) => `${outline(r * k)}L${x} ${neck}Z`;

  const gores = 12;
  canvas.group({ 'clip-path': canvas.clip(whole) }, () => {
    const widths = Array.from({ length: gores / 2 }, (_, i) =>
      Math.sin((Math.PI / 2) * ((gores / 2 - i) / (gores / 2))),
    );
    for (const side of [1, -1]) {
      widths.forEach((k, i) =>
        canvas.path(
          half(k * side * 1.02),
          tint(colors[(i + (side < 0 && colors.length > 2 ? 3 : side < 0 ? 1 : 0)) % colors.length]),
        ),
      );
    }
    const band = random.int(0, 2);
    if (band > 0) {
      const dark = lighten(tint(colors[0]), -0.08);
      const [top, tall] = [y + r * 0.12, r * 0.26];
      canvas.path(
        `M${x - r * 1.4} ${top}Q${x} ${top + r * 0.3} ${x + r * 1.4} ${top}V${top + tall}Q${x} ${top + tall + r * 0.3} ${x - r * 1.4} ${top + tall}Z`,
        band === 1 ? tint('#fff8ea') : dark,
        { opacity: 0.92 },
      );
    }
    canvas.path(
      whole,
      canvas.radial(
        [
          ['#ffffff', 0.36],
          ['#ffffff', 0.06],
          ['#10203c', 0.12],
          ['#10203c', 0.4],
        ],
        { cx: 0.34, cy: 0.28, r: 0.82 },
      ),
    );
  });
  const basket = r * 0.17;
  const top = neck + r * 0.3;
  for (const dx of [-1, -0.35, 0.35, 1]) {
    canvas.path(`M${x + dx * r * 0.2} ${neck}L${x + dx * basket} ${top}`, 'none', {
      stroke: tint('#5a4632'),
      'stroke-width': Math.max(0.7, r * 0.012),
    });
  }
  canvas.path(
    `M${x - r * 0.22} ${neck}H${x + r * 0.22}L${x + r * 0.18} ${neck + r * 0.07}H${x - r * 0.18}Z`,
    lighten(tint(colors[0]), -0.1),
  );
  canvas.rect(x - basket, top, basket * 2, r * 0.24, canvas.gradient([tint('#a97c4a'), tint('#75512d')]), {
    rx: r * 0.04,
  });
  canvas.rect(x - basket * 1.08, top, basket * 2.16, r * 0.05, tint('#5f4125'), { rx: r * 0.02 });
}
