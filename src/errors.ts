/**
 * Every failure that Likeness can name. Codes are public and stable; the class is one.
 * `docs/errors.md` lists the same codes, and a test keeps the two equal.
 */

export interface ErrorInfo {
  /** Who sees the code: API clients, or only the operator (clients then see INTERNAL_SERVER_ERROR). */
  readonly audience: 'client' | 'operator';
  /** Whether the same request may succeed when sent again. */
  readonly retryable: boolean;
  /** Exit code of the CLI: 1 unexpected, 2 usage or settings, 3 some inputs failed, 4 data unusable. */
  readonly exitCode: 1 | 2 | 3 | 4;
  /** When it is raised, in one sentence. */
  readonly when: string;
}

export const ERRORS = {
  BAD_USER_INPUT: {
    audience: 'client',
    retryable: false,
    exitCode: 2,
    when: 'An argument is out of bounds; details name its path and the rule, never the value.',
  },
  IMAGE_TOO_LARGE: {
    audience: 'client',
    retryable: false,
    exitCode: 3,
    when: 'The picture is over the byte or the pixel limit; details carry limit and actual.',
  },
  IMAGE_UNSUPPORTED: {
    audience: 'client',
    retryable: false,
    exitCode: 3,
    when: 'The file is not of a supported format, judged by its content.',
  },
  IMAGE_UNREADABLE: {
    audience: 'client',
    retryable: false,
    exitCode: 3,
    when: 'The file is corrupt, truncated or refused by the decoder, or it cannot be read at all.',
  },
  FILE_CHANGED: {
    audience: 'client',
    retryable: true,
    exitCode: 3,
    when: 'A file changed while an import read it, and again during the second attempt.',
  },
  FOLDER_UNREADABLE: {
    audience: 'client',
    retryable: true,
    exitCode: 3,
    when: 'A folder, or the ignore file in it, cannot be read; an import continues with the other folders.',
  },
  URL_NOT_ALLOWED: {
    audience: 'client',
    retryable: false,
    exitCode: 2,
    when: 'A picture is not fetched from this address: fetching is off (URL_FETCH), or the address is not a public one.',
  },
  URL_UNREACHABLE: {
    audience: 'client',
    retryable: true,
    exitCode: 3,
    when: 'The address of a picture does not answer, or does not return a file.',
  },
  LIBRARY_UNAVAILABLE: {
    audience: 'client',
    retryable: true,
    exitCode: 3,
    when: 'The folder of a library is not the same, for instance because its disk is not mounted; its pictures are not changed.',
  },
  LIBRARY_NOT_FOUND: {
    audience: 'client',
    retryable: false,
    exitCode: 3,
    when: 'There is no library with this id.',
  },
  ALBUM_NOT_FOUND: {
    audience: 'client',
    retryable: false,
    exitCode: 3,
    when: 'There is no album with this id.',
  },
  IMAGE_NOT_FOUND: {
    audience: 'client',
    retryable: false,
    exitCode: 3,
    when: 'No picture of the gallery has this id; details.ids lists the first 20 unknown ones.',
  },
  IMAGE_FILE_MISSING: {
    audience: 'client',
    retryable: false,
    exitCode: 4,
    when: 'The picture is in the gallery, but its file is missing or damaged; adding the same file again restores it.',
  },
  UNAUTHENTICATED: {
    audience: 'client',
    retryable: false,
    exitCode: 2,
    when: 'The request has no valid credentials.',
  },
  FORBIDDEN: {
    audience: 'client',
    retryable: false,
    exitCode: 2,
    when: 'The caller is known but not allowed to do this; where a setting would allow it, details.setting names it.',
  },
  HOST_NOT_ALLOWED: {
    audience: 'client',
    retryable: false,
    exitCode: 2,
    when: 'The request names a host that is not this server’s; the operator can add names to ALLOWED_HOSTS.',
  },
  QUERY_TOO_COMPLEX: {
    audience: 'client',
    retryable: false,
    exitCode: 2,
    when: 'The GraphQL operation is over the depth, alias, cost or batch limit.',
  },
  RATE_LIMITED: {
    audience: 'client',
    retryable: true,
    exitCode: 1,
    when: 'Too many requests from this client; details.retryAfterMs says when to try again.',
  },
  FILE_TOO_LARGE: {
    audience: 'client',
    retryable: false,
    exitCode: 2,
    when: 'A file of an uploaded model is over MAX_MODEL_BYTES; details carry limit and actual.',
  },
  SERVER_BUSY: {
    audience: 'client',
    retryable: true,
    exitCode: 1,
    when: 'A queue is full; details.retryAfterMs says when to try again.',
  },
  STORAGE_FULL: {
    audience: 'client',
    retryable: true,
    exitCode: 4,
    when: 'The disk of the server is full; nothing was changed. Try again once there is space.',
  },
  SHUTTING_DOWN: { audience: 'client', retryable: true, exitCode: 1, when: 'The server is stopping.' },
  MEDIA_UNAVAILABLE: {
    audience: 'client',
    retryable: true,
    exitCode: 4,
    when: 'The folder of the picture files is unavailable or read-only; the server recovers by itself once it is available.',
  },
  REQUEST_TIMEOUT: {
    audience: 'client',
    retryable: true,
    exitCode: 1,
    when: 'The work did not finish in time and was stopped.',
  },
  REQUEST_CANCELLED: {
    audience: 'client',
    retryable: true,
    exitCode: 1,
    when: 'The client disconnected before the answer was ready; its work was stopped.',
  },
  EMBEDDING_FAILED: {
    audience: 'operator',
    retryable: true,
    exitCode: 1,
    when: 'The model failed on a picture that was decoded correctly, or the worker cannot be started.',
  },
  ATLAS_FAILED: {
    audience: 'operator',
    retryable: true,
    exitCode: 1,
    when: 'The atlas could not be computed: its process failed or ended.',
  },
  CONFIG_INVALID: {
    audience: 'operator',
    retryable: false,
    exitCode: 2,
    when: 'One or more settings are not valid; all of them are listed.',
  },
  MODEL_MISSING: {
    audience: 'operator',
    retryable: false,
    exitCode: 4,
    when: 'The model, or one of its files, is missing.',
  },
  MODEL_MISMATCH: {
    audience: 'operator',
    retryable: false,
    exitCode: 4,
    when: 'A model file is truncated, not a model, or differs from its model.json.',
  },
  DOWNLOAD_FAILED: {
    audience: 'operator',
    retryable: true,
    exitCode: 1,
    when: 'A file cannot be downloaded completely; running the command again resumes the download.',
  },
  HUB_UNREACHABLE: {
    audience: 'operator',
    retryable: true,
    exitCode: 1,
    when: 'The model hub does not answer: no network, a proxy is needed, or MODEL_HUB is wrong.',
  },
  INDEX_CORRUPT: {
    audience: 'operator',
    retryable: true,
    exitCode: 4,
    when: 'A snapshot of the index fails its checks; it is ignored and rebuilt.',
  },
  INDEX_TOO_NEW: {
    audience: 'operator',
    retryable: false,
    exitCode: 4,
    when: 'The index on disk was written by a newer version of Likeness.',
  },
  DATABASE_TOO_NEW: {
    audience: 'operator',
    retryable: false,
    exitCode: 4,
    when: 'The database was written by a newer version of Likeness.',
  },
  DATA_LOCKED: {
    audience: 'operator',
    retryable: true,
    exitCode: 4,
    when: 'Another process holds the data folder.',
  },
  STORAGE_FAILED: {
    audience: 'operator',
    retryable: true,
    exitCode: 4,
    when: 'The disk or the database refused a read or a write.',
  },
} as const satisfies Record<string, ErrorInfo>;

export type ErrorCode = keyof typeof ERRORS;

export interface AppErrorOptions {
  /** Facts a program can act on (limits, retryAfterMs, paths); part of the public answer for client errors. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details ?? {};
  }

  get info(): ErrorInfo {
    return ERRORS[this.code];
  }
}

export const imageNotFound = (id: number): AppError =>
  new AppError('IMAGE_NOT_FOUND', 'No picture of the gallery has this id.', {
    details: { ids: [String(id)] },
  });

export const albumNotFound = (): AppError =>
  new AppError('ALBUM_NOT_FOUND', 'There is no album with this id.');

/** An error's text for a log line or a message, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A failure reported by another process, by its code; a plain Error if the code is unknown. */
export function errorByCode(code: string | null | undefined, message: string): Error {
  return code != null && Object.hasOwn(ERRORS, code)
    ? new AppError(code as ErrorCode, message)
    : new Error(message);
}
