import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { jpeg } from './pictures.js';
import { writeTinyModel, type TinyModel } from './tiny-model.js';

export const MAIN = resolve(import.meta.dirname, '..', '..', 'build', 'cli', 'main.js');

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  /** Without the lines that say from time to time how far it is: whether there are any is up to the machine. */
  readonly stderr: string;
}

/** `importing 3/10, 1 failed, 2.0/s, 4 s left`, `model.onnx 1.5 MB of 88 MB` (src/cli/progress.ts). */
const PROGRESS_LINE =
  /^[^\n:]+ (\d+\/\d+|[\d.]+ \w+ of [\d.]+ \w+)(, \d+ failed)?(, [\d.]+( \w+)?\/s(, [^\n]+ left)?)?\n/gm;

/** A command under way, and its result when it has ended. */
export interface RunningCli {
  readonly child: ChildProcess;
  readonly ended: Promise<CliResult>;
  /** Resolves when so much is on stderr. */
  stderrHas(text: string | RegExp): Promise<void>;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array;
  readonly cwd?: string;
}

/** Starts `likeness <args>` as it is built in build/. Only what is given is in its environment. */
export function startCli(args: readonly string[], { env = {}, stdin, cwd }: CliOptions = {}): RunningCli {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin?.on('error', () => {}).end(stdin);
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    stdout,
    stderr: stderr.replace(PROGRESS_LINE, ''),
  }));
  return {
    child,
    ended,
    async stderrHas(text) {
      const has = (): boolean => (typeof text === 'string' ? stderr.includes(text) : text.test(stderr));
      while (!has()) {
        const over = await Promise.race([
          once(child.stderr as NodeJS.ReadableStream, 'data').then(() => false),
          ended.then(() => true),
        ]);
        if (over && !has()) throw new Error(`It ended without saying so:\n${stderr}\n${stdout}`);
      }
    },
  };
}

export const runCli = (args: readonly string[], options: CliOptions = {}): Promise<CliResult> =>
  startCli(args, options).ended;

/** A data folder of its own with a tiny model, and a folder to make pictures in. */
export class CliGallery {
  readonly dir: string;
  readonly pictures: string;
  readonly env: Readonly<Record<string, string>>;

  private constructor(dir: string) {
    this.dir = dir;
    this.pictures = join(dir, 'pictures');
    this.env = {
      DATABASE_URL: `file:${join(dir, 'data', 'likeness.db')}`,
      INDEX_DIR: join(dir, 'index'),
      MEDIA_DIR: join(dir, 'media'),
      MODELS_DIR: join(dir, 'models'),
      MODEL: 'tiny',
      SAMPLE_GALLERY: 'off',
      BACKGROUND_PRIORITY: 'normal',
    };
  }

  static async create(model: TinyModel = {}): Promise<CliGallery> {
    const gallery = new CliGallery(await mkdtemp(join(tmpdir(), 'likeness-cli-')));
    await writeTinyModel(join(gallery.dir, 'models'), model);
    await mkdir(gallery.pictures);
    return gallery;
  }

  /** Draws `<name>.jpg` for each name; the seed is the place in the list and `offset`. */
  async draw(names: readonly string[], offset = 0): Promise<void> {
    for (const [i, name] of names.entries()) {
      const path = join(this.pictures, `${name}.jpg`);
      await mkdir(join(path, '..'), { recursive: true });
      await writeFile(path, await jpeg(offset + i, 120, 90));
    }
  }

  picture(name: string): string {
    return join(this.pictures, name);
  }

  start(args: readonly string[], options: CliOptions = {}): RunningCli {
    return startCli(args, { ...options, env: { ...this.env, ...options.env } });
  }

  run(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
    return this.start(args, options).ended;
  }

  /** The JSON that a command prints. @throws when it ends with something else than 0 */
  async json<Result>(args: readonly string[]): Promise<Result> {
    const { code, stdout, stderr } = await this.run([...args, '--json']);
    if (code !== 0) throw new Error(`Exit code ${code}:\n${stderr}`);
    return JSON.parse(stdout) as Result;
  }

  remove(): Promise<void> {
    return rm(this.dir, { recursive: true, force: true });
  }
}
