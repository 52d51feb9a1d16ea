/** Colours of heat 0, 0.5 and 1: dark red, orange, light yellow. */
const STOPS = [
  [170, 0, 40],
  [255, 110, 0],
  [255, 235, 60],
] as const;

/** Opacity of the hottest places, so that the picture below stays visible. */
const MOST_ALPHA = 0.7;

/**
 * Heat, half of it smoothed (binomial 3 x 3), so that groups of agreeing patches are hotter than single ones that agree
 * by chance.
 * @param heat row-major, `columns` in a row
 */
export function smoothHeat(heat: Float32Array, columns: number): Float32Array {
  const rows = heat.length / columns;
  const along = blur(heat, columns, 1, rows, columns);
  const blurred = blur(along, rows, columns, columns, 1);
  return heat.map((value, i) => (value + blurred[i]!) / 2);
}

/** Smooths `lines` of `length` values that are `step` apart, with weights 1 2 1, truncated at the ends. */
function blur(
  values: Float32Array,
  length: number,
  step: number,
  lines: number,
  nextLine: number,
): Float32Array {
  const out = new Float32Array(values.length);
  for (let line = 0; line < lines; line++)
    for (let i = 0; i < length; i++) {
      const at = line * nextLine + i * step;
      let [sum, weights] = [2 * values[at]!, 2];
      if (i > 0) [sum, weights] = [sum + values[at - step]!, weights + 1];
      if (i < length - 1) [sum, weights] = [sum + values[at + step]!, weights + 1];
      out[at] = sum / weights;
    }
  return out;
}

/** Heat as colours of an overlay, transparent without heat. @returns RGBA, 8 bit */
export function heatColors(heat: Float32Array): Uint8Array {
  const out = new Uint8Array(heat.length * 4);
  heat.forEach((value, i) => {
    const hot = Math.min(1, Math.max(0, value));
    const place = hot * (STOPS.length - 1);
    const stop = Math.min(STOPS.length - 2, Math.floor(place)) as 0 | 1;
    const [low, high, share] = [STOPS[stop], STOPS[(stop + 1) as 1 | 2], place - stop];
    for (const channel of [0, 1, 2] as const)
      out[i * 4 + channel] = Math.round(low[channel] + share * (high[channel] - low[channel]));
    out[i * 4 + 3] = Math.round(255 * MOST_ALPHA * hot);
  });
  return out;
}
