/** When a picture was taken, as the API gives it. */
export interface Taken {
  readonly takenAt: string;
  /** The reading of the camera's clock, without a zone. Null unless the picture itself says. */
  readonly takenLocal?: string | null | undefined;
}

/**
 * The clock where the picture was taken, in milliseconds as if it were in UTC: what the server sorts and filters by.
 * Without a reading of its own a picture has the time of its file, in UTC.
 */
export const clockOf = ({ takenAt, takenLocal }: Taken): number =>
  Date.parse(takenLocal == null ? takenAt : `${takenLocal}Z`);

/** The order TAKEN_NEWEST: the latest reading first, and of the same time the one added last. */
export const latestFirst = (a: Taken & { readonly id: string }, b: Taken & { readonly id: string }): number =>
  clockOf(b) - clockOf(a) || Number(b.id) - Number(a.id);
