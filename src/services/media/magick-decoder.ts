import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Serial } from '../../lib/serial.js';
import type { MagickAnswer, MagickFormat, MagickRequest, MagickSettings } from './magick-protocol.js';
import type { Pixels } from './tiff-file.js';

/** Memory is released only when the thread ends, which it does after a picture for which it grew beyond this. */
const KEPT_BYTES = 256 << 20;
const IDLE_MS = 30_000;
/** ImageMagick's own pixels, a decoder's planes and their conversion: 8.5 bytes measured for HEIC. */
const BYTES_PER_PIXEL = 12;
/** The library itself, and what a decoder needs for any size. */
const BASE_BYTES = 256 << 20;

export interface MagickDecoderOptions {
  readonly threadUrl?: URL | undefined;
}

/** A thread that reads formats that sharp does not, one picture at a time. It starts with the first picture and ends when idle. */
export class MagickDecoder {
  readonly #threadUrl: URL;
  readonly #turns = new Serial();
  #thread: { readonly worker: Worker; readonly maxBytes: number } | null = null;
  #idle: NodeJS.Timeout | undefined;

  constructor({ threadUrl }: MagickDecoderOptions = {}) {
    this.#threadUrl = threadUrl ?? new URL('../../workers/magick-thread.js', import.meta.url);
  }

  /** The size according to the header, and the EXIF orientation. @throws Error of the decoder */
  async measure(
    bytes: Uint8Array,
    format: MagickFormat,
    maxPixels: number,
  ): Promise<{ readonly width: number; readonly height: number; readonly orientation: number }> {
    const answer = await this.#ask({ bytes, format, shrink: null }, maxPixels);
    if (answer.kind !== 'size') throw unexpected(answer);
    return answer;
  }

  /**
   * The pixels, not rotated.
   * @param shrink number of pixels in each direction that become one
   * @throws Error of the decoder
   */
  async decode(bytes: Uint8Array, format: MagickFormat, maxPixels: number, shrink: number): Promise<Pixels> {
    const answer = await this.#ask({ bytes, format, shrink }, maxPixels);
    if (answer.kind !== 'pixels') throw unexpected(answer);
    return answer.pixels;
  }

  /** Ends the thread once it has answered; the next picture starts another. */
  close(): Promise<void> {
    clearTimeout(this.#idle);
    return this.#turns.run(() => this.#end());
  }

  #ask(request: MagickRequest, maxPixels: number): Promise<MagickAnswer> {
    return this.#turns.run(async () => {
      clearTimeout(this.#idle);
      const worker = await this.#start(BASE_BYTES + BYTES_PER_PIXEL * maxPixels);
      worker.ref();
      try {
        const answer = await askWorker(worker, request).catch(async (error: unknown) => {
          await this.#end(); // in case the thread still runs
          throw error;
        });
        const isLarge = answer.kind === 'pixels' && answer.memoryBytes > KEPT_BYTES;
        if (isLarge || (answer.kind === 'failed' && answer.fresh)) await this.#end();
        if (answer.kind === 'failed') throw new Error(answer.message);
        return answer;
      } finally {
        worker.unref();
        this.#idle = setTimeout(() => {
          this.close().catch(() => {});
        }, IDLE_MS).unref();
      }
    });
  }

  async #start(maxBytes: number): Promise<Worker> {
    if (this.#thread !== null && this.#thread.maxBytes !== maxBytes) await this.#end();
    if (this.#thread === null) {
      const workerData = { maxBytes } satisfies MagickSettings;
      this.#thread = { worker: new Worker(this.#threadUrl, { workerData }), maxBytes };
    }
    return this.#thread.worker;
  }

  async #end(): Promise<void> {
    const thread = this.#thread;
    this.#thread = null;
    await thread?.worker.terminate();
  }
}

/** Rejects when the thread ends instead of answering. */
async function askWorker(worker: Worker, request: MagickRequest): Promise<MagickAnswer> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    const answered = once(worker, 'message', { signal }) as Promise<[MagickAnswer]>;
    const ended = once(worker, 'exit', { signal }).then(() => {
      throw new Error('The decoder ended.');
    });
    worker.postMessage(request);
    const [answer] = await Promise.race([answered, ended]);
    return answer;
  } finally {
    settled.abort();
  }
}

const unexpected = ({ kind }: MagickAnswer): Error => new Error(`Unexpected answer of the decoder: ${kind}`);
