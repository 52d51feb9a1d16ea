import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { writeFileAtomically } from '../../lib/atomic-file.js';
import { availableCores } from '../../lib/available-cores.js';
import { median } from './compare-spaces.js';
import { stampOf, type FileStamp } from './file-stamp.js';
import type { Model } from './model.js';
import { testPicture } from './test-picture.js';
import type { Embedder } from './types.js';

/** How fast a model is on this machine. */
export interface Measured {
  readonly spaceId: string;
  /** In the model, a picture after the other. */
  readonly embedMs: number;
  /** It ran with. */
  readonly threads: number;
  readonly measuredAt: Date;
}

/** Beside model.json; it may be deleted. */
const FILE = 'measured.json';
const REPETITIONS = 3;

/** Of another machine, or of files that are others now, a measurement says nothing. */
const machine = (): string => `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableCores()} cores`;

/** Has an open embedder embed a picture some times. */
export async function measureEmbedder(embedder: Embedder): Promise<Measured> {
  const picture = testPicture();
  const times: number[] = [];
  for (let i = 0; i < REPETITIONS; i++) times.push((await embedder.embed(picture)).timings.embedMs);
  return {
    spaceId: embedder.model.spaceId,
    embedMs: median(times.sort((a, b) => a - b)),
    threads: embedder.status().threadsPerWorker,
    measuredAt: new Date(),
  };
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
    if (read.machine !== machine() || files === undefined) return null;
    if (typeof spaceId !== 'string' || !isPositive(embedMs) || !isPositive(threads)) return null;
    for (const file of files) {
      const stamp = await stampOf(join(folder, basename(file.name)));
      if (stamp === null || stamp.bytes !== file.bytes || stamp.modifiedMs !== file.modifiedMs) return null;
    }
    return { spaceId, embedMs, threads, measuredAt: new Date(String(measuredAt)) };
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
