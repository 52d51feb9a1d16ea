import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PATIENT_SETTINGS } from './limits.js';
import { isRunning } from './processes.js';
import { writeTinyModel } from './tiny-model.js';
import { waitFor } from './wait-for.js';

const PROJECT_DIR = resolve(import.meta.dirname, '..', '..');

export interface TestServerOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** With a model that costs nothing, for tests to which it is all one; the built-in one when left out. */
  readonly tiny?: boolean;
  /** A data folder that is there already; it is then not removed. */
  readonly dir?: string;
  /** A set-up clone to run instead of this one. */
  readonly project?: string;
  /** Resolve when the process has ended instead of when it is ready. */
  readonly expectFailure?: boolean;
}

export interface Exit {
  readonly code: number | null;
  readonly output: string;
}

/** The real product as a process of its own (`build/main.js`), on a free port, with a data folder of its own. */
export class TestServer {
  readonly dir: string;
  readonly tiny: boolean;
  url = '';
  exit: Exit | null = null;
  readonly #env: Readonly<Record<string, string>>;
  readonly #ownsDir: boolean;
  readonly #project: string;
  #child: ChildProcess | null = null;
  #output = '';
  #errorOutput = '';

  constructor(
    dir: string,
    env: Readonly<Record<string, string>>,
    ownsDir: boolean,
    tiny = false,
    project = PROJECT_DIR,
  ) {
    this.dir = dir;
    this.tiny = tiny;
    this.#env = env;
    this.#ownsDir = ownsDir;
    this.#project = project;
  }

  get pid(): number {
    return this.#child?.pid as number;
  }

  /** Everything the last process wrote, on both streams. */
  output(): string {
    return this.#output;
  }

  /** What it wrote to standard error. */
  errorOutput(): string {
    return this.#errorOutput;
  }

  /** Starts the process (again) and waits until it has said all that it says when it is ready. */
  async restart(): Promise<void> {
    const child = this.#spawn();
    const ready = /"url":"(http:[^"]+)"/;
    const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
    const last = '"msg":"  index '; // the lines before it may come one by one on a busy machine
    await waitFor(
      'the server to start',
      () => (ready.test(this.#output) && this.#output.includes(last)) || isOver(),
      () => this.#output,
    );
    const url = ready.exec(this.#output)?.[1];
    if (url === undefined) throw new Error(`The server did not become ready:\n${this.#output}`);
    this.url = url;
  }

  async restartExpectingFailure(): Promise<Exit> {
    const child = this.#spawn();
    await once(child, 'close');
    return (this.exit = { code: child.exitCode, output: this.#output });
  }

  /** SIGTERM; the exit code. */
  async stop(): Promise<number | null> {
    const child = this.#child;
    this.#child = null;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      await closed;
      return child.exitCode;
    }
    return child?.exitCode ?? null;
  }

  async kill9(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Ends the process and removes the data folder. */
  async dispose(): Promise<void> {
    await this.stop();
    if (this.#ownsDir) await rm(this.dir, { recursive: true, force: true });
  }

  /** Pids of the processes below the server whose command line has `name` in it. */
  async childProcesses(name = ''): Promise<number[]> {
    const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
    return pids
      .filter((pid) => {
        try {
          const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
          const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
          return parent === this.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(name);
        } catch {
          return false;
        }
      })
      .map(Number);
  }

  /**
   * Stops its workers where they are, for what must be looked at while it is under way.
   * @param name in their command line
   * @returns lets them go on
   */
  async freeze(name: string): Promise<() => void> {
    const pids = await this.childProcesses(name);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    return () => pids.forEach((pid) => process.kill(pid, 'SIGCONT'));
  }

  /** Waits until none of these processes is left. */
  async goneProcesses(pids: readonly number[]): Promise<void> {
    await this.until(() => !pids.some(isRunning), `the end of the processes ${pids.join(', ')}`);
  }

  /** Waits until something the server does in the background has happened. */
  async until(condition: () => boolean | Promise<boolean>, what = 'what the server does'): Promise<void> {
    await waitFor(what, condition, () => this.#output);
  }

  #spawn(): ChildProcess {
    const child = spawn(process.execPath, [join(this.#project, 'build', 'main.js')], {
      cwd: this.dir,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        PORT: '0',
        LOG_FORMAT: 'json',
        SAMPLE_GALLERY: 'off',
        DATABASE_URL: `file:${join(this.dir, 'data', 'likeness.db')}`,
        INDEX_DIR: join(this.dir, 'index'),
        MEDIA_DIR: join(this.dir, 'media'),
        ...(this.tiny ? { MODELS_DIR: join(this.dir, 'models'), MODEL: 'tiny' } : { MODEL: 'builtin' }),
        ...PATIENT_SETTINGS,
        ...this.#env,
      },
    });
    this.#child = child;
    this.#output = '';
    this.#errorOutput = '';
    child.stderr.on('data', (data: Buffer) => (this.#errorOutput += data.toString()));
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => (this.#output += data.toString()));
    return child;
  }
}

/** A server that is still to be started, over a copy of what another one, stopped by now, has left. */
export async function copyOf(
  stopped: TestServer,
  env: Readonly<Record<string, string>> = {},
): Promise<TestServer> {
  const dir = await mkdtemp(join(tmpdir(), 'likeness-server-'));
  await cp(stopped.dir, dir, { recursive: true });
  return new TestServer(dir, env, true, stopped.tiny);
}

export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'likeness-server-')));
  const { env = {}, tiny = false } = options;
  if (tiny) await writeTinyModel(join(dir, 'models'));
  const server = new TestServer(dir, env, options.dir === undefined, tiny, options.project);
  if (options.expectFailure === true) await server.restartExpectingFailure();
  else await server.restart();
  return server;
}
