const toLinear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const toGamma = (c) => (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055);

/** Oklab (Björn Ottosson, 2020): mixing there keeps colours clean where mixing sRGB greys them. */
function toLab(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => toLinear(parseInt(hex.slice(at, at + 2), 16) / 255));
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function toHex([L, a, b]) {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const channels = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  const byte = (c) => Math.round(Math.min(1, Math.max(0, toGamma(Math.max(0, c)))) * 255);
  return `#${channels.map((c) => byte(c).toString(16).padStart(2, '0')).join('')}`;
}

/** `t` = 0 gives `from`, 1 gives `to`. */
export function mix(from, to, t) {
  const a = toLab(from);
  const b = toLab(to);
  return toHex(a.map((value, i) => value + (b[i] - value) * t));
}

/** Lighter by `amount` of Oklab lightness (0..1), darker when negative. */
export function lighten(hex, amount) {
  const [L, a, b] = toLab(hex);
  return toHex([Math.min(1, Math.max(0, L + amount)), a, b]);
}

/** A neighbour of the colour: lightness and hue moved a little. */
export function vary(random, hex, amount = 0.03) {
  const [L, a, b] = toLab(hex);
  return toHex([
    L + random.bell() * amount,
    a + random.bell() * amount * 0.5,
    b + random.bell() * amount * 0.5,
  ]);
}

/** The colour at `t` (0..1) of a list of evenly spaced colours. */
export function ramp(colors, t) {
  const at = Math.min(1, Math.max(0, t)) * (colors.length - 1);
  const index = Math.min(colors.length - 2, Math.floor(at));
  return mix(colors[index], colors[index + 1], at - index);
}
