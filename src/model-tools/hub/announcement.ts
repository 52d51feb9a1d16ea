/** What a hub announces about a file before sending it. */
export interface Announcement {
  readonly bytes?: number;
  /** Lower-case hex. */
  readonly sha256?: string;
  /** The commit of the repository that the revision refers to. */
  readonly commit?: string;
}

/**
 * Reads the hub's headers (https://huggingface.co/docs/huggingface_hub/package_reference/file_download): files in Git
 * LFS are announced by X-Linked-Size and X-Linked-ETag (their sha256) in the redirect to their storage; others by an ETag
 * with their Git hash, which is of no use here. The ETag of any other server is not treated as a sha256.
 * @param headers by lower-case name
 */
export function announcementOf(headers: Readonly<Record<string, string>>): Announcement {
  const commit = headers['x-repo-commit'];
  const etag = headers['x-linked-etag'] ?? (commit === undefined ? undefined : headers['etag']);
  const sha256 = /^(?:W\/)?"?([0-9a-f]{64})"?$/i.exec(etag ?? '')?.[1];
  const size = /^\d{1,15}$/.exec(headers['x-linked-size'] ?? '')?.[0];
  return {
    ...(size === undefined ? {} : { bytes: Number(size) }),
    ...(sha256 === undefined ? {} : { sha256: sha256.toLowerCase() }),
    ...(commit === undefined ? {} : { commit }),
  };
}

/** Parses `bytes 100-199/200`; null for any other form. */
export function contentRangeOf(
  header: string | undefined,
): { readonly start: number | null; readonly total: number | null } | null {
  const [, start, star, total] = /^bytes (?:(\d+)-\d+|(\*))\/(\d+|\*)$/.exec(header ?? '') ?? [];
  if (total === undefined || (start === undefined && star === undefined)) return null;
  return {
    start: start === undefined ? null : Number(start),
    total: total === '*' ? null : Number(total),
  };
}
