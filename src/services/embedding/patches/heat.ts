/** Heat 0, a half and 1: dark red, orange, light yellow. */
const STOPS = [
  [160, 0, 32],
  [255, 120, 0],
  [255, 250, 170],
] as const;

/** How opaque the hottest places are: what lies below stays to be seen. */
const MOST_ALPHA = 0.8;

/** Heat as colours to be laid over a picture: transparent where there is none. @returns RGBA, 8 bit */
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
