import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../errors.js';
import { contentRangeOf, type Announcement } from './announcement.js';
import { ConnectionError, reasonOf, type HttpAnswer, type HttpClient } from './http-client.js';
import { PartFile, type PartState } from './part-file.js';
import { broken, refusal, type Broken } from './refusal.js';

export interface DownloadOptions {
  readonly client: HttpClient;
  readonly url: URL;
  /** Target path; an existing file is replaced. Until it is complete, the file is `<path>.part`. */
  readonly path: string;
  /** Known properties, in addition to what the server announces. */
  readonly expected?: Pick<Announcement, 'bytes' | 'sha256'>;
  /** @param total null while unknown */
  readonly onProgress?: ((done: number, total: number | null) => void) | undefined;
  /** Called when a connection broke and is retried. */
  readonly onRetry?: ((reason: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Pauses before the 1st, 2nd, ... attempt after one without progress. */
  readonly backoffMs?: readonly number[] | undefined;
}

export interface Downloaded {
  readonly path: string;
  readonly bytes: number;
  /** Hash of the written file. */
  readonly sha256: string;
  /** Whether it was checked against a hash that the server announced or the caller knew. */
  readonly verified: boolean;
  readonly commit: string | null;
}

const BACKOFF_MS = [500, 1000, 2000, 4000, 8000];
/** Further attempts while there is no answer at all: most likely there is no network. */
const WITHOUT_NETWORK = 2;
/** If a server asks for a longer wait, the download fails. */
const LONGEST_WAIT_MS = 60_000;
/** After this many restarts from zero within one run, the server's answers are considered contradictory. */
const MOST_RESTARTS = 3;

/**
 * Downloads a file to its place: complete and with the announced size and sha256, or not at all. Data received before a
 * connection broke is kept and not requested again, neither by the next attempt nor by the next run.
 *
 * @throws AppError HUB_UNREACHABLE (no connection), DOWNLOAD_FAILED (broken off, refused, not found), MODEL_MISMATCH
 *   (another size or hash than announced; the part is then deleted), STORAGE_FULL, STORAGE_FAILED; the signal's reason
 */
export async function downloadFile(options: DownloadOptions): Promise<Downloaded> {
  const { url, path, signal, backoffMs = BACKOFF_MS } = options;
  const part = await PartFile.open(path, url.href);
  try {
    let failures = 0;
    let restarts = 0;
    let waits: readonly number[] = backoffMs.slice(0, WITHOUT_NETWORK);
    for (;;) {
      signal?.throwIfAborted();
      const before = part.length;
      const attempt = await tryOnce(options, part);
      if (typeof attempt === 'string' || attempt.unreachable !== true) waits = backoffMs;
      if (attempt === 'done') return await finish(options, part);
      if (attempt === 'restart') {
        if (++restarts > MOST_RESTARTS)
          throw broken(url, { reason: 'the answers of the server contradict each other' }, 0);
        await part.restart(null);
        continue;
      }
      if (part.length > before) failures = 0;
      const waitMs = attempt.retryAfterMs ?? waits[failures] ?? Infinity;
      if (failures++ >= waits.length || waitMs > LONGEST_WAIT_MS) throw broken(url, attempt, part.length);
      options.onRetry?.(attempt.reason);
      await delay(waitMs, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw error;
      });
    }
  } finally {
    await part.close();
  }
}

/** `restart`: the existing part is unusable. */
type Attempt = 'done' | 'restart' | Broken;

async function tryOnce(options: DownloadOptions, part: PartFile): Promise<Attempt> {
  const { client, url, signal } = options;
  if (isWhole(part)) return 'done';
  if (part.length > 0 && !isResumable(part)) return 'restart';
  let answer: HttpAnswer;
  try {
    answer = await client.get(url, rangeFrom(part), signal);
  } catch (error) {
    if (error instanceof ConnectionError) return { reason: error.message, unreachable: true };
    throw error;
  }
  try {
    return (await prepare(options, part, answer)) ?? (await receive(options, part, answer));
  } finally {
    answer.body.on('error', () => {}).destroy();
  }
}

/** Evaluates the headers of the answer. @returns null if the body has to be appended to the part */
async function prepare(
  options: DownloadOptions,
  part: PartFile,
  answer: HttpAnswer,
): Promise<Attempt | null> {
  const { headers, announced } = answer;
  const range = contentRangeOf(headers['content-range']);
  const known = part.state;
  const isOther =
    (announced.sha256 !== undefined && announced.sha256 !== known?.sha256) ||
    (announced.bytes !== undefined && announced.bytes !== known?.bytes);
  switch (answer.status) {
    case 200: {
      const state = stateOf(options.url, answer);
      checkAnnounced(options, state, answer);
      await part.restart(state); // even if the rest was requested: this answer begins at zero
      break;
    }
    case 206:
      if (part.length === 0 || isOther || range?.start !== part.length) return 'restart';
      if (range.total !== (known?.bytes ?? range.total)) return 'restart';
      part.learn(range.total);
      break;
    case 416: // nothing is left to come
      if (part.length === 0 || isOther || range?.total !== part.length) return 'restart';
      if (known?.bytes !== undefined && known.bytes !== range.total)
        throw await mismatch(
          options,
          part,
          `has ${range.total} bytes instead of the ${known.bytes} announced`,
        );
      return 'done';
    default:
      return refusal(options.url, answer);
  }
  const bytes = part.state?.bytes;
  if (bytes !== undefined) await part.assertRoomFor(bytes - part.length);
  return null;
}

async function receive(
  options: DownloadOptions,
  part: PartFile,
  { body, url }: HttpAnswer,
): Promise<Attempt> {
  const { onProgress, signal, expected = {} } = options;
  const total = part.state?.bytes ?? expected.bytes ?? null;
  onProgress?.(part.length, total);
  try {
    for await (const chunk of body) {
      const bytes = chunk as Buffer;
      if (total !== null && part.length + bytes.byteLength > total)
        throw await mismatch(options, part, `has more than the ${total} bytes announced`);
      await part.append(bytes);
      onProgress?.(part.length, total);
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    signal?.throwIfAborted();
    return { reason: `the connection to ${url.host} broke (${reasonOf(error)})` };
  }
  if (total !== null && part.length < total)
    return { reason: `${url.host} ended after ${part.length} of ${total} bytes` };
  return 'done';
}

const isWhole = ({ length, state }: PartFile): boolean =>
  length > 0 && state?.bytes === length && state.sha256 !== undefined;

/** Requesting the rest requires a way to check that it is still the same file. */
const isResumable = ({ state }: PartFile): boolean =>
  state !== null && (state.etag !== undefined || state.sha256 !== undefined);

function rangeFrom({ length, state }: PartFile): Record<string, string> {
  if (length === 0) return {};
  return {
    range: `bytes=${length}-`,
    ...(state?.etag === undefined ? {} : { 'if-range': state.etag }),
  };
}

function stateOf(url: URL, { headers, announced }: HttpAnswer): PartState {
  const etag = headers['etag'];
  const bytes = contentLengthOf(headers);
  return {
    url: url.href,
    ...(bytes === null ? {} : { bytes }),
    ...announced,
    ...(etag?.startsWith('"') === true ? { etag } : {}), // If-Range takes strong ones only
  };
}

function contentLengthOf(headers: HttpAnswer['headers']): number | null {
  const text = headers['content-length'] ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** Throws before the first byte if announcements contradict each other. */
function checkAnnounced(
  { url, expected = {} }: DownloadOptions,
  state: PartState,
  { headers }: HttpAnswer,
): void {
  const bytes = [expected.bytes, state.bytes, contentLengthOf(headers) ?? undefined];
  const hashes = [expected.sha256, state.sha256];
  for (const [what, said] of [['size', bytes] as const, ['sha256', hashes] as const]) {
    const different = [...new Set<unknown>(said.filter((value) => value !== undefined))];
    if (different.length > 1)
      throw new AppError(
        'MODEL_MISMATCH',
        `${url.href} is not the file expected: its ${what} is announced as ${different.join(' and as ')}.`,
      );
  }
}

async function finish(options: DownloadOptions, part: PartFile): Promise<Downloaded> {
  const { path, expected = {} } = options;
  const { state, length } = part;
  const bytes = expected.bytes ?? state?.bytes ?? length;
  if (bytes !== length)
    throw await mismatch(options, part, `has ${length} bytes instead of the ${bytes} announced`);
  const wanted = expected.sha256 ?? state?.sha256;
  const sha256 = part.sha256();
  if (wanted !== undefined && wanted !== sha256)
    throw await mismatch(options, part, `has the sha256 ${sha256} instead of ${wanted}`);
  await part.finish();
  return {
    path,
    bytes,
    sha256,
    verified: wanted !== undefined,
    commit: state?.commit ?? null,
  };
}

/** Also deletes the part, since it cannot be completed correctly. */
async function mismatch({ url }: DownloadOptions, part: PartFile, problem: string): Promise<AppError> {
  await part.restart(null);
  return new AppError(
    'MODEL_MISMATCH',
    `What came from ${url.href} ${problem}: it was damaged on its way, or is another file. It was deleted; run it again, ` +
      'and if that does not help, from another MODEL_HUB.',
    { details: { url: url.href } },
  );
}
