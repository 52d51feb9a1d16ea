import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { writeFileAtomically } from '../../lib/atomic-file.js';
import { availableCores } from '../../lib/available-cores.js';
import { median } from '../../lib/median.js';
import { stampOf, type FileStamp } from './file-stamp.js';
import type { Model } from './model.js';
import { testPicture } from './test-picture.js';
import type { Embedder } from './types.js';

/** How fast a model is on this machine. */
export interface Measured {
  readonly spaceId: string;
  /** Time for a 4:3 picture in the model alone, without decoding. */
  readonly embedMs: number;
  /** Threads that it ran with. */
  readonly threads: number;
  /** Time to decode a gallery picture, in one thread; null if there was none. */
  readonly decodeMs: number | null;
  /** The machine seems to have been otherwise idle. */
  readonly steady: boolean;
  readonly measuredAt: Date;
}

/** Beside model.json; it may be deleted. */
const FILE = 'measured.json';
/** The first runs of a model allocate memory and have cold caches. */
const WARM_UP = 2;
const RUNS = 7;
/** Undisturbed, the median run is at most this much slower than the fastest, relatively */
const SPREAD = 0.25;
/** or in ms, since timers and threads are no more exact. */
const SLACK_MS = 2;

/** A measurement of another machine or of other files is not used. */
const machine = (): string => `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableCores()} cores`;

/**
 * Embeds a picture several times with an open embedder, after some warm-up runs.
 * @param options.gallery encoded pictures to decode
 */
export async function measureEmbedder(
  embedder: Embedder,
  { gallery = [], signal }: { readonly gallery?: readonly Uint8Array[]; readonly signal?: AbortSignal } = {},
): Promise<Measured> {
  const picture = testPicture();
  const options = signal && { signal };
  for (let i = 0; i < WARM_UP; i++) await embedder.embed(picture, options);
  const times: number[] = [];
  for (let i = 0; i < RUNS; i++) times.push((await embedder.embed(picture, options)).timings.embedMs);
  const decoded: number[] = [];
  for (const bytes of gallery) {
    const embedded = await embedder.embed(bytes, options).catch(() => null); // its file may be damaged by now
    if (embedded !== null) decoded.push(embedded.timings.decodeMs);
  }
  return {
    spaceId: embedder.model.spaceId,
    ...judgeTimes(times),
    decodeMs: decoded.length === 0 ? null : median(decoded.sort((a, b) => a - b)),
    threads: embedder.status().threadsPerWorker,
    measuredAt: new Date(),
  };
}

/** The median, and whether the runs agree: other load makes some slower, none faster. @param times at least one */
export function judgeTimes(times: readonly number[]): Pick<Measured, 'embedMs' | 'steady'> {
  const sorted = [...times].sort((a, b) => a - b);
  const [least, embedMs] = [sorted[0]!, median(sorted)];
  return { embedMs, steady: embedMs - least <= Math.max(SPREAD * least, SLACK_MS) };
}

/** Stores it in the model's folder. */
export async function writeMeasured({ path, files }: Model, measured: Measured): Promise<void> {
  const content = { machine: machine(), files: files.map(toRecord), ...measured };
  await writeFileAtomically(join(dirname(path), FILE), `${JSON.stringify(content, null, 2)}\n`);
}

/** Null if there is none for this machine and these files. */
export async function readMeasured(folder: string): Promise<Measured | null> {
  try {
    const read = JSON.parse(await readFile(join(folder, FILE), 'utf8')) as Partial<Content>;
    const { spaceId, embedMs, threads, measuredAt, files } = read;
    const decodeMs = isPositive(read.decodeMs) ? read.decodeMs : null;
    if (read.machine !== machine() || files === undefined) return null;
    if (typeof spaceId !== 'string' || !isPositive(embedMs) || !isPositive(threads)) return null;
    for (const file of files) {
      const stamp = await stampOf(join(folder, basename(file.name)));
      if (stamp === null || stamp.bytes !== file.bytes || stamp.modifiedMs !== file.modifiedMs) return null;
    }
    const steady = read.steady === true;
    return { spaceId, embedMs, threads, decodeMs, steady, measuredAt: new Date(String(measuredAt)) };
  } catch {
    return null; // missing, or not written by us
  }
}

interface Content extends Omit<Measured, 'measuredAt'> {
  readonly machine: string;
  readonly files: readonly ReturnType<typeof toRecord>[];
  readonly measuredAt: string;
}

const toRecord = ({ path, bytes, modifiedMs }: FileStamp) => ({ name: basename(path), bytes, modifiedMs });
const isPositive = (value: unknown): value is number => typeof value === 'number' && value > 0;
