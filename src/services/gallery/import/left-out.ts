/** Why something below a folder is left out; a folder counts once, whatever it contains. */
export const LEFT_OUT_REASONS = [
  'HIDDEN',
  'SYSTEM_FOLDER',
  'OWN_FOLDER',
  'EXCLUDED',
  'LINK',
  'SPECIAL_FILE',
  'NOT_A_PICTURE',
] as const;

export type LeftOutReason = (typeof LEFT_OUT_REASONS)[number];

/** The number of files and folders left out for each reason that occurred, in the order of the reasons. */
export type LeftOut = readonly { readonly reason: LeftOutReason; readonly count: number }[];

export function addLeftOut(leftOut: LeftOut, reason: LeftOutReason, count: number): LeftOut {
  const counts = new Map(leftOut.map((entry) => [entry.reason, entry.count]));
  counts.set(reason, (counts.get(reason) ?? 0) + count);
  return LEFT_OUT_REASONS.flatMap((name) => {
    const of = counts.get(name);
    return of === undefined ? [] : [{ reason: name, count: of }];
  });
}
