/**
 * Normally distributed numbers (Box and Muller 1958) from a seeded generator (xorshift32, Marsaglia 2003): the same in
 * every run.
 */
export function seededNormal(): () => number {
  let state = 0x9e3779b9;
  const uniform = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 1) / 4294967297;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
