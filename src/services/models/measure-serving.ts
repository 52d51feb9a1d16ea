import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { measureEmbedder, readMeasured, writeMeasured, type Measured } from '../embedding/measured.js';
import type { Model } from '../embedding/model.js';
import type { Spaces } from '../spaces/spaces.js';

/** Number of gallery pictures to measure decoding with. */
const PICTURES = 5;
/** When to measure again if other work may have disturbed a measurement. */
const LATER_MS = [15_000, 60_000, 300_000, 1_800_000];

export interface MeasureServingOptions {
  readonly model: Model;
  readonly spaces: Spaces;
  /** Whether the server is doing other work. */
  readonly isBusy: () => Promise<boolean>;
  /** Files of up to this many pictures of the gallery. */
  readonly pictures: (most: number) => Promise<readonly string[]>;
  readonly logger: Logger;
  readonly laterMs?: readonly number[];
}

/**
 * Measures how long the serving model takes per picture, if that is not reliably known. The first measurement, right
 * after a start, when everything is cold and busy, is only preliminary; it is repeated until nothing disturbs it. Other
 * work makes a picture slower, never faster, so the lowest value counts.
 */
export class ServingMeasurement {
  readonly #options: MeasureServingOptions;
  readonly #laterMs: readonly number[];
  #timer: NodeJS.Timeout | null = null;
  #underWay: Promise<void> = Promise.resolve();
  readonly #closed = new AbortController();

  constructor(options: MeasureServingOptions) {
    this.#options = options;
    this.#laterMs = options.laterMs ?? LATER_MS;
  }

  /** @returns resolves after the first attempt, whatever its outcome */
  start(): Promise<void> {
    this.#attempt(0);
    return this.#underWay;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#underWay;
  }

  #attempt(count: number): void {
    this.#underWay = this.#measure(count === 0)
      .catch((error: unknown) => {
        // Not important: the folder may be read-only, or the server is stopping.
        this.#options.logger.debug({ error: messageOf(error) }, 'the serving model could not be measured');
        return true;
      })
      .then((isDone) => {
        const waitMs = this.#laterMs[count];
        if (isDone || this.#closed.signal.aborted || waitMs === undefined) return;
        this.#timer = setTimeout(() => this.#attempt(count + 1), waitMs).unref();
      });
  }

  /** @returns whether it is now reliably known, or no longer needed */
  async #measure(isFirst: boolean): Promise<boolean> {
    const { model, spaces, isBusy, pictures } = this.#options;
    const { spaceId } = model.info;
    if (spaces.serving.primary.model.spaceId !== spaceId) return true;
    const known = await readMeasured(dirname(model.path));
    const before = known?.spaceId === spaceId ? known : null;
    const paths = before?.decodeMs === null || before === null ? await pictures(PICTURES) : [];
    if (before?.steady === true && paths.length === 0) return true;
    const gallery = await readAll(paths);
    const wasBusy = await isBusy();
    const { signal } = this.#closed;
    const now = await spaces.use(({ primary: { embedder } }) =>
      measureEmbedder(embedder, { gallery, signal }),
    );
    if (now.spaceId !== spaceId) return true;
    const steady = now.steady && !isFirst && !wasBusy && !(await isBusy());
    await writeMeasured(model, before === null ? { ...now, steady } : better(before, { ...now, steady }));
    return steady || before?.steady === true;
  }
}

/** Merges two measurements of a model: the faster time, and any known decoding time. */
function better(before: Measured, now: Measured): Measured {
  const quicker = before.embedMs * before.threads < now.embedMs * now.threads ? before : now;
  return {
    ...quicker,
    decodeMs: now.decodeMs ?? before.decodeMs,
    steady: before.steady || now.steady,
    measuredAt: now.measuredAt,
  };
}

/** Reads the files that can be read. */
async function readAll(paths: readonly string[]): Promise<readonly Uint8Array[]> {
  const read = await Promise.all(paths.map((path) => readFile(path).catch(() => null)));
  return read.filter((bytes) => bytes !== null);
}
