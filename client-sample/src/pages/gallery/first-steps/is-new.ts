/**
 * Whether a gallery holds nothing but samples, or nothing at all.
 *
 * @param ids what has been loaded of it
 * @param total how many pictures it has
 * @param samples ids of its samples; some may have been removed since they were asked for
 */
export function isNew(ids: readonly string[], total: number, samples: readonly string[]): boolean {
  if (total > samples.length) return false;
  const known = new Set(samples);
  return ids.every((id) => known.has(id));
}
