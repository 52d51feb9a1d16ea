import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from './errors.js';
import { parseEnvFile } from './lib/env-file.js';
import { readProblem } from './lib/read-problem.js';
import { PROJECT_DIR } from './project.js';
import { SETTINGS, type Setting } from './settings.js';

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string;
  readonly indexDir: string;
  readonly mediaDir: string;
  readonly modelsDir: string;
  /** `auto`, or the id of a model in `modelsDir`. */
  readonly model: string;
  /** Where `models pull` downloads weights: an address without a trailing slash. */
  readonly modelHub: string;
  readonly sampleGallery: 'auto' | 'off';
  /** Minutes between two full scans of each library; 0 for none. */
  readonly libraryRescanMinutes: number;
  /** Folders below which `importFolder` and `addLibrary` may read; none by default. */
  readonly importRoots: readonly string[];
  /** Whether clients may name the address of a picture. */
  readonly urlFetch: 'off' | 'on';
  /** Allowed hosts in addition to public ones, as `host` or `host:port`. */
  readonly urlFetchAllow: readonly string[];
  /** Whether the catalog stores where pictures were taken. */
  readonly keepLocation: 'off' | 'on';
  readonly maxUploadBytes: number;
  readonly maxImagePixels: number;
  /** Largest file of a model that an administrator uploads. */
  readonly maxModelBytes: number;
  /** Worker processes and ONNX Runtime threads of each; 0 chooses by the cores the process may use. */
  readonly embedWorkers: number;
  readonly embedThreads: number;
  /** What ONNX Runtime runs the model on; the CPU, with a warning, if that is unavailable. */
  readonly executionProvider: 'cpu' | 'cuda' | 'coreml' | 'dml';
  /** Priority of the processes that build graphs, compute the atlas and embed for a change of model. */
  readonly backgroundPriority: 'low' | 'normal';
  /** Pictures that may wait for a worker; above, the answer is SERVER_BUSY. */
  readonly maxQueue: number;
  /** Bytes of all pictures in memory, waiting for a worker or in one; above, the answer is SERVER_BUSY. */
  readonly maxQueueBytes: number;
  readonly requestTimeoutMs: number;
  /** Total time that a stop may take before the process exits with 1. */
  readonly stopTimeoutMs: number;
  /** GraphQL requests per minute from one client address; 0 means no limit. */
  readonly rateLimit: number;
  /** Introspection and playground: `auto` is on when HOST is a loopback address. */
  readonly introspection: boolean;
  readonly corsOrigins: readonly string[];
  /** Names under which this server answers in addition to its own addresses; `*` means any. */
  readonly allowedHosts: readonly string[];
  /** Bearer token of administrators; empty: anyone on this machine is one. Must never be shown. */
  readonly adminToken: string;
  /** Searches kept in the history, over all visitors. */
  readonly historyLimit: number;
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  readonly logFormat: 'pretty' | 'json';
}

export type Environment = Readonly<Record<string, string | undefined>>;
/** Settings given on a command line, by their environment names. */
export type Flags = Readonly<Partial<Record<(typeof SETTINGS)[keyof typeof SETTINGS]['name'], string>>>;

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/**
 * Settings from flags, then environment, then defaults. Relative paths are relative to the project folder.
 * Pure: reads only its arguments.
 *
 * @throws AppError CONFIG_INVALID naming every invalid setting, not only the first
 */
export function loadConfig(env: Environment, flags: Flags = {}): Config {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(SETTINGS) as [keyof Config, Setting<unknown>][]) {
    const given = (flags as Environment)[setting.name] ?? env[setting.name];
    const parsed = setting.parse((given ?? setting.fallback).trim());
    if ('problem' in parsed) problems.push(`${setting.name}: ${parsed.problem}`);
    else values[key] = parsed.value;
  }
  if (problems.length > 0) {
    throw new AppError(
      'CONFIG_INVALID',
      `Settings are not valid.\n${problems.map((line) => `  ${line}`).join('\n')}`,
      {
        details: { problems },
      },
    );
  }
  const { introspection, host } = values as { introspection: 'auto' | 'on' | 'off'; host: string };
  values['introspection'] = introspection === 'on' || (introspection === 'auto' && isLoopback(host));
  return Object.freeze(values as unknown as Config);
}

export interface NetworkEnvironment {
  /** Proxies for http and https addresses, and the hosts without one; '' means none. */
  readonly proxy: { readonly http: string; readonly https: string; readonly none: string };
  /** Access token of the hub, for restricted repositories. Must never be shown. */
  readonly hubToken: string;
}

/**
 * Variables that many programs read under the same names, and that are therefore not settings of Likeness: HTTP_PROXY,
 * HTTPS_PROXY, NO_PROXY (lower-case ones take precedence, as in curl) and HF_TOKEN.
 */
export function networkEnvironment(env: Environment): NetworkEnvironment {
  const proxy = (name: string): string => (env[name] ?? env[name.toUpperCase()] ?? '').trim();
  return {
    proxy: { http: proxy('http_proxy'), https: proxy('https_proxy'), none: proxy('no_proxy') },
    hubToken: (env['HF_TOKEN'] ?? '').trim(),
  };
}

/** The data folder, with the database, the lock file and temporary files. */
export function dataDirOf(config: Pick<Config, 'databaseUrl'>): string {
  return dirname(config.databaseUrl.slice('file:'.length));
}

/** Folder for uploads while they are received. */
export const temporaryDirOf = (dataDir: string): string => join(dataDir, 'uploads');

/** Folders that an import leaves out: their pictures are already in the gallery, or are not pictures of the user. */
export const ownFoldersOf = (config: Config): string[] => [
  config.mediaDir,
  config.indexDir,
  config.modelsDir,
  temporaryDirOf(dataDirOf(config)), // not all of the data folder: a database may lie among somebody's pictures
];

/**
 * The process environment, supplemented by a `.env` file in the project folder, if there is one. Variables that are
 * already set take precedence.
 * @throws AppError CONFIG_INVALID if the file cannot be read
 */
export function readEnvironment(envFile = join(PROJECT_DIR, '.env')): Environment {
  let bytes: Buffer;
  try {
    bytes = readFileSync(envFile);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return process.env;
    throw new AppError('CONFIG_INVALID', `The file .env cannot be read: ${readProblem(error)}.`, {
      cause: error,
    });
  }
  for (const [name, value] of Object.entries(parseEnvFile(bytes))) process.env[name] ??= value;
  return process.env;
}

/** Log format for errors before the settings have been checked. */
export function earlyLogFormat(flags: Flags): Config['logFormat'] {
  try {
    readEnvironment();
  } catch {
    // Reported by the caller, who reads the settings.
  }
  return (flags.LOG_FORMAT ?? process.env['LOG_FORMAT'])?.trim() === 'json' ? 'json' : 'pretty';
}

/** Makes packages that use the system's temporary folder write below the data folder, which is cleaned at start. */
export function useTemporaryDir(dir: string): void {
  process.env['TMPDIR'] = dir;
  process.env['TEMP'] = dir;
}
