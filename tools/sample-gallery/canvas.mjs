import { ramp } from './color.mjs';

const n = (value) => Math.round(value * 10) / 10;
const attributes = (values) =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) => ` ${name}="${typeof value === 'number' ? Math.round(value * 1000) / 1000 : value}"`,
    )
    .join('');

/**
 * A shape's `opacity` as that of its paint: looks the same, and spares a layer of the whole picture for each shape,
 * which is most of the time otherwise.
 */
function painted({ opacity, ...more }) {
  return opacity === undefined
    ? more
    : { ...more, 'fill-opacity': opacity, 'stroke-opacity': more.stroke === undefined ? undefined : opacity };
}

export const path = {
  /** Straight lines through points. */
  line: (points) => points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${n(x)} ${n(y)}`).join(''),
  /** A smooth closed curve through points (Catmull-Rom as cubic Béziers). */
  blob: (points) => {
    const at = (i) => points[(i + points.length) % points.length];
    let d = `M${n(points[0][0])} ${n(points[0][1])}`;
    for (let i = 0; i < points.length; i++) {
      const [p0, p1, p2, p3] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
      d += `C${n(p1[0] + (p2[0] - p0[0]) / 6)} ${n(p1[1] + (p2[1] - p0[1]) / 6)} `;
      d += `${n(p2[0] - (p3[0] - p1[0]) / 6)} ${n(p2[1] - (p3[1] - p1[1]) / 6)} ${n(p2[0])} ${n(p2[1])}`;
    }
    return `${d}Z`;
  },
};

/** Collects the elements of one SVG picture and the gradients and filters they use. */
export class Canvas {
  #defs = [];
  #body = [];
  #ids = 0;

  constructor(width, height) {
    this.width = width;
    this.height = height;
  }

  #define(make) {
    const id = `d${this.#ids++}`;
    this.#defs.push(make(id));
    return `url(#${id})`;
  }

  /** Fill of colours from top to bottom, or along a direction in fractions of the shape's box. */
  gradient(colors, [x1, y1, x2, y2] = [0, 0, 0, 1]) {
    const list = colors.map((color) => (Array.isArray(color) ? color : [color, 1]));
    const steps = list
      .map(
        ([color, opacity], i) =>
          `<stop${attributes({ offset: i / (list.length - 1), 'stop-color': color, 'stop-opacity': opacity })}/>`,
      )
      .join('');
    return this.#define(
      (id) => `<linearGradient${attributes({ id, x1, y1, x2, y2 })}>${steps}</linearGradient>`,
    );
  }

  /** A gradient through Oklab, so that a warm to cold sky stays clean between. */
  sky(colors, direction) {
    return this.gradient(
      Array.from({ length: 17 }, (_, i) => ramp(colors, i / 16)),
      direction,
    );
  }

  /** Fill from the middle outwards; entries are colours or [colour, opacity]. */
  radial(colors, { cx = 0.5, cy = 0.5, r = 0.5 } = {}) {
    const list = colors.map((color) => (Array.isArray(color) ? color : [color, 1]));
    const steps = list
      .map(
        ([color, opacity], i) =>
          `<stop${attributes({ offset: i / (list.length - 1), 'stop-color': color, 'stop-opacity': opacity })}/>`,
      )
      .join('');
    return this.#define((id) => `<radialGradient${attributes({ id, cx, cy, r })}>${steps}</radialGradient>`);
  }

  blur(deviation) {
    return this.#define(
      (id) =>
        `<filter id="${id}" x="-50%" y="-50%" width="200%" height="200%"><feGaussianBlur stdDeviation="${n(deviation)}"/></filter>`,
    );
  }

  /** A mask that shows what lies between the opacities, from top to bottom. */
  fade(opacities) {
    const fill = this.gradient(opacities.map((opacity) => ['#ffffff', opacity]));
    return this.#define(
      (id) => `<mask id="${id}"><rect width="${this.width}" height="${this.height}" fill="${fill}"/></mask>`,
    );
  }

  clip(d) {
    return this.#define((id) => `<clipPath id="${id}"><path d="${d}"/></clipPath>`);
  }

  add(markup) {
    this.#body.push(markup);
    return this;
  }

  /** Draws into a group with attributes of its own (transform, filter, opacity, mask, clip-path). */
  group(values, draw) {
    this.#body.push(`<g${attributes(values)}>`);
    draw();
    this.#body.push('</g>');
    return this;
  }

  rect(x, y, width, height, fill, more = {}) {
    return this.add(
      `<rect${attributes({ x: n(x), y: n(y), width: n(width), height: n(height), fill, ...painted(more) })}/>`,
    );
  }

  background(fill, more) {
    return this.rect(0, 0, this.width, this.height, fill, more);
  }

  circle(cx, cy, r, fill, more = {}) {
    return this.add(`<circle${attributes({ cx: n(cx), cy: n(cy), r: n(r), fill, ...painted(more) })}/>`);
  }

  ellipse(cx, cy, rx, ry, fill, more = {}) {
    return this.add(
      `<ellipse${attributes({ cx: n(cx), cy: n(cy), rx: n(rx), ry: n(ry), fill, ...painted(more) })}/>`,
    );
  }

  image(x, y, width, height, url, more = {}) {
    return this.add(
      `<image${attributes({ x, y, width, height, preserveAspectRatio: 'none', href: url, ...more })}/>`,
    );
  }

  path(d, fill, more = {}) {
    return this.add(`<path${attributes({ d, fill, ...painted(more) })}/>`);
  }

  toString() {
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${this.width}" height="${this.height}" viewBox="0 0 ${this.width} ${this.height}">` +
      `<defs>${this.#defs.join('')}</defs>${this.#body.join('')}</svg>`
    );
  }
}
