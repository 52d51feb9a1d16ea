import cliProgress from 'cli-progress';
import { printableText } from '../../lib/printable.js';
import { tellsInJson, toldLine } from './output.js';
import { formatBytes, formatDuration } from './format.js';
import { RateMeter } from './rate.js';

export interface ProgressState {
  readonly done: number;
  readonly total: number;
  readonly failed: number;
}

/** Shows on stderr how far something is. */
export interface Progress {
  update(state: ProgressState): void;
  /** A line that stays, above the bar where there is one. */
  say(line: string): void;
  stop(): void;
}

/** Between two lines where there is no terminal to draw a bar on. */
const LINE_EVERY_MS = 5_000;

/** What is counted: pictures and the like, or bytes. */
export type ProgressUnit = 'items' | 'bytes';

/** A bar on a terminal, a line every few seconds otherwise (a log file, CI). */
export function createProgress(
  what: string,
  stream: NodeJS.WriteStream = process.stderr,
  unit: ProgressUnit = 'items',
): Progress {
  return stream.isTTY && stream.columns > 0 && !tellsInJson()
    ? new Bar(what, stream, unit)
    : new Lines(what, stream, unit);
}

/** `30.1/s, 2 min 5 s left` or `1.5 MB/s, 2 min 5 s left`, as far as it is known. */
export function describePace(rate: number, left: number, unit: ProgressUnit = 'items'): string {
  if (rate <= 0) return '';
  const pace = unit === 'bytes' ? `${formatBytes(rate)}/s` : `${rate.toFixed(rate < 10 ? 1 : 0)}/s`;
  return left > 0 ? `${pace}, ${formatDuration(left / rate)} left` : pace;
}

/** `3/10`, or `1.5 MB of 88 MB`. */
const describeAmount = (done: number, total: number, unit: ProgressUnit): string =>
  unit === 'bytes' ? `${formatBytes(done)} of ${formatBytes(total)}` : `${done}/${total}`;

class Bar implements Progress {
  readonly #meter = new RateMeter();
  readonly #bars: cliProgress.MultiBar;
  readonly #what: string;
  readonly #stream: NodeJS.WriteStream;
  readonly #unit: ProgressUnit;
  #bar: cliProgress.SingleBar | null = null;

  constructor(what: string, stream: NodeJS.WriteStream, unit: ProgressUnit) {
    this.#what = what;
    this.#stream = stream;
    this.#unit = unit;
    this.#bars = new cliProgress.MultiBar(
      {
        stream,
        format: '{what} {bar} {amount}{failures}  {pace}',
        barsize: 30,
        gracefulExit: false, // signals are the command's affair
        linewrap: true,
      },
      cliProgress.Presets.shades_classic,
    );
  }

  update({ done, total, failed }: ProgressState): void {
    const now = performance.now();
    this.#meter.record(done, now);
    const payload = {
      what: this.#what,
      amount: describeAmount(done, total, this.#unit),
      failures: failed === 0 ? '' : `, ${failed} failed`,
      pace: describePace(this.#meter.rate(done, now), total - done, this.#unit),
    };
    this.#bar ??= this.#bars.create(total, done, payload);
    this.#bar.setTotal(total);
    this.#bar.update(done, payload);
  }

  say(line: string): void {
    const text = `${printableText(line)}\n`;
    if (this.#bar === null) this.#stream.write(text);
    else this.#bars.log(text);
  }

  stop(): void {
    if (this.#bar === null) return;
    this.#bars.update(); // otherwise lines printed since the last redraw would be lost
    this.#bars.stop();
  }
}

class Lines implements Progress {
  readonly #meter = new RateMeter();
  readonly #what: string;
  readonly #stream: NodeJS.WriteStream;
  readonly #unit: ProgressUnit;
  #lastLine = performance.now();

  constructor(what: string, stream: NodeJS.WriteStream, unit: ProgressUnit) {
    this.#what = what;
    this.#stream = stream;
    this.#unit = unit;
  }

  update({ done, total, failed }: ProgressState): void {
    const now = performance.now();
    this.#meter.record(done, now);
    if (now - this.#lastLine < LINE_EVERY_MS) return;
    this.#lastLine = now;
    const pace = describePace(this.#meter.rate(done, now), total - done, this.#unit);
    this.say(
      [
        `${this.#what} ${describeAmount(done, total, this.#unit)}`,
        failed === 0 ? '' : `${failed} failed`,
        pace,
      ]
        .filter((part) => part !== '')
        .join(', '),
    );
  }

  say(line: string): void {
    this.#stream.write(toldLine(line));
  }

  stop(): void {}
}
