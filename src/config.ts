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
  /** Where `models pull` gets weights from: an address without a slash at its end. */
  readonly modelHub: string;
  readonly sampleGallery: 'auto' | 'off';
  /** Minutes between two whole scans of each library; 0 for none. */
  readonly libraryRescanMinutes: number;
  /** Folders below which `importFolder` and `addLibrary` may read; none by default. */
  readonly importRoots: readonly string[];
  /** Whether clients may name the address of a picture. */
  readonly urlFetch: 'off' | 'on';
  /** `host` or `host:port` that may be asked besides public ones. */
  readonly urlFetchAllow: readonly string[];
  /** Whether the catalog has where pictures were taken. */
  readonly keepLocation: 'off' | 'on';
  readonly maxUploadBytes: number;
  readonly maxImagePixels: number;
  /** Largest file of a model that an administrator uploads. */
  readonly maxModelBytes: number;
  /** Worker processes and ONNX Runtime threads of each; 0 chooses by the cores the process may use. */
  readonly embedWorkers: number;
  readonly embedThreads: number;
  /** What ONNX Runtime runs the model on; the CPU, with a warning, where it is unavailable. */
  readonly executionProvider: 'cpu' | 'cuda' | 'coreml' | 'dml';
  /** Of the processes that build graphs, lay out the atlas and embed for a change of model. */
  readonly backgroundPriority: 'low' | 'normal';
  /** Pictures that may wait for a worker; over it the answer is SERVER_BUSY. */
  readonly maxQueue: number;
  /** Bytes of all pictures that wait for a worker in memory, or are in one; over it the answer is SERVER_BUSY. */
  readonly maxQueueBytes: number;
  readonly requestTimeoutMs: number;
  /** What a stop may take in all before the process ends with 1. */
  readonly stopTimeoutMs: number;
  /** GraphQL requests a minute from one client address; 0 is no limit. */
  readonly rateLimit: number;
  /** Introspection and playground: `auto` is on when HOST is a loopback address. */
  readonly introspection: boolean;
  readonly corsOrigins: readonly string[];
  /** Names under which this server answers besides its own addresses; `*` is any. */
  readonly allowedHosts: readonly string[];
  /** What administrators send as a bearer token; empty: anyone on this machine is one. Must never be shown. */
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
 * @throws AppError CONFIG_INVALID naming every setting that is wrong, not only the first
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
  /** Proxies for http and https addresses, and the hosts that are reached without one; '' is none. */
  readonly proxy: { readonly http: string; readonly https: string; readonly none: string };
  /** Access token of the hub, for what it shows only to those it knows. Never to be shown. */
  readonly hubToken: string;
}

/**
 * What many programs read from the environment under the same names, and which is therefore no setting of ours:
 * HTTP_PROXY, HTTPS_PROXY, NO_PROXY (lower-case ones win, as in curl) and HF_TOKEN.
 */
export function networkEnvironment(env: Environment): NetworkEnvironment {
  const proxy = (name: string): string => (env[name] ?? env[name.toUpperCase()] ?? '').trim();
  return {
    proxy: { http: proxy('http_proxy'), https: proxy('https_proxy'), none: proxy('no_proxy') },
    hubToken: (env['HF_TOKEN'] ?? '').trim(),
  };
}

/** The folder that belongs to one data set: lock file and temporary files live beside the database. */
export function dataDirOf(config: Pick<Config, 'databaseUrl'>): string {
  return dirname(config.databaseUrl.slice('file:'.length));
}

/** Where uploads wait while they are read. */
export const temporaryDirOf = (dataDir: string): string => join(dataDir, 'uploads');

/** What is below these is the gallery's already, or nobody's picture: an import leaves it out. */
export const ownFoldersOf = (config: Config): string[] => [
  config.mediaDir,
  config.indexDir,
  config.modelsDir,
  temporaryDirOf(dataDirOf(config)), // not all of the data folder: a database may lie among somebody's pictures
];

/**
 * The process environment with the values of a `.env` file in the project folder below it, if there is one
 * (what is set already wins).
 * @throws AppError CONFIG_INVALID when the file cannot be read
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

/** How to tell what goes wrong before the settings are known to be right. */
export function earlyLogFormat(flags: Flags): Config['logFormat'] {
  try {
    readEnvironment();
  } catch {
    // Reported by the caller, who reads the settings.
  }
  return (flags.LOG_FORMAT ?? process.env['LOG_FORMAT'])?.trim() === 'json' ? 'json' : 'pretty';
}

/** Makes libraries that write to the system's temporary folder write below the data folder, where start cleans up. */
export function useTemporaryDir(dir: string): void {
  process.env['TMPDIR'] = dir;
  process.env['TEMP'] = dir;
}
