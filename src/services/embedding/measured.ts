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
  /** A picture of 4:3 in the model alone: decoding is not in it. */
  readonly embedMs: number;
  /** It ran with. */
  readonly threads: number;
  /** Decoding a picture of the gallery, in one thread; null when there was none to decode. */
  readonly decodeMs: number | null;
  /** Nothing else seems to have been at work. */
  readonly steady: boolean;
  readonly measuredAt: Date;
}

/** Beside model.json; it may be deleted. */
const FILE = 'measured.json';
/** The first runs of a model allocate, and find caches cold. */
const WARM_UP = 2;
const RUNS = 7;
/** The middle run takes at most so much longer than the quickest when nothing disturbs them, */
const SPREAD = 0.25;
/** or this much, in ms: timers and threads are no more exact. */
const SLACK_MS = 2;

/** Of another machine, or of files that are others now, a measurement says nothing. */
const machine = (): string => `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableCores()} cores`;

/**
 * Has an open embedder embed a picture some times, after some that do not count.
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
    const embedded = await embedder.embed(bytes, options).catch(() => null); // its file may have gone bad since
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

/** The middle one, and whether the runs agree: what works beside makes some slower, none quicker. @param times at least one */
export function judgeTimes(times: readonly number[]): Pick<Measured, 'embedMs' | 'steady'> {
  const sorted = [...times].sort((a, b) => a - b);
  const [least, embedMs] = [sorted[0]!, median(sorted)];
  return { embedMs, steady: embedMs - least <= Math.max(SPREAD * least, SLACK_MS) };
}

/** Keeps it in the model's folder. */
export async function writeMeasured({ path, files }: Model, measured: Measured): Promise<void> {
  const content = { machine: machine(), files: files.map(toRecord), ...measured };
  await writeFileAtomically(join(dirname(path), FILE), `${JSON.stringify(content, null, 2)}\n`);
}

/** Null when there is none of this machine and of the files that are there. */
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
    return null; // none, or not of ours
  }
}

interface Content extends Omit<Measured, 'measuredAt'> {
  readonly machine: string;
  readonly files: readonly ReturnType<typeof toRecord>[];
  readonly measuredAt: string;
}

const toRecord = ({ path, bytes, modifiedMs }: FileStamp) => ({ name: basename(path), bytes, modifiedMs });
const isPositive = (value: unknown): value is number => typeof value === 'number' && value > 0;
