import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { fileURLToPath } from 'node:url';
import { dirname, join, resolve } from 'node:path';
import { AppError } from './errors.js';
import { parseEnvFile } from './lib/env-file.js';
import { readProblem } from './lib/read-problem.js';

/** The project folder: two levels above this file, in `src/` and in `dist/` alike. */
export const PROJECT_DIR = resolve(dirname(fileURLToPath(import.meta.url)), '..');

export const VERSION = (
  JSON.parse(readFileSync(join(PROJECT_DIR, 'package.json'), 'utf8')) as { version: string }
).version;

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
  /** Folders below which `importFolder` may read; none by default. */
  readonly importRoots: readonly string[];
  readonly maxUploadBytes: number;
  readonly maxImagePixels: number;
  /** Largest file of a model that an administrator uploads. */
  readonly maxModelBytes: number;
  /** Worker processes and ONNX Runtime threads of each; 0 chooses by the cores the process may use. */
  readonly embedWorkers: number;
  readonly embedThreads: number;
  /** What ONNX Runtime runs the model on; the CPU, with a warning, when it cannot be had. */
  readonly executionProvider: 'cpu' | 'cuda' | 'coreml' | 'dml';
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
  /** What administrators send as a bearer token; empty: whoever sits at this machine is one. Never to be shown. */
  readonly adminToken: string;
  /** Searches kept in the history, over all visitors. */
  readonly historyLimit: number;
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  readonly logFormat: 'pretty' | 'json';
}

type Parsed<Value> = { readonly value: Value } | { readonly problem: string };

interface Setting<Value> {
  readonly name: string;
  readonly fallback: string;
  /** One line for docs/operations.md and `.env.example`. */
  readonly help: string;
  readonly parse: (text: string) => Parsed<Value>;
}

const text = (value: string): Parsed<string> =>
  value === '' ? { problem: 'expected some text' } : { value };
const path = (value: string): Parsed<string> =>
  value === '' ? { problem: 'expected a path' } : { value: resolve(PROJECT_DIR, value) };
const oneOf =
  <Choice extends string>(...choices: readonly Choice[]) =>
  (value: string): Parsed<Choice> =>
    choices.includes(value as Choice)
      ? { value: value as Choice }
      : { problem: `expected one of ${choices.join(', ')}` };
const integer =
  (min: number, max: number) =>
  (value: string): Parsed<number> =>
    /^\d+$/.test(value) && Number(value) >= min && Number(value) <= max
      ? { value: Number(value) }
      : { problem: `expected a whole number from ${min} to ${max}` };
const list = (value: string): string[] =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
const databaseUrl = (value: string): Parsed<string> =>
  value.startsWith('file:') && value.length > 5
    ? { value: `file:${resolve(PROJECT_DIR, value.slice(5))}` }
    : { problem: 'expected file:<path>' };
const webAddress = (value: string): Parsed<string> => {
  const url = /^https?:\/\/[^\s?#]+$/.test(value) && URL.canParse(value) ? new URL(value) : null;
  return url === null || url.username !== ''
    ? { problem: 'expected an address such as https://hub.example.org' }
    : { value: url.href.replace(/\/+$/, '') };
};
const origins = (value: string): Parsed<readonly string[]> => {
  const items = list(value);
  return items.every((item) => item === '*' || /^https?:\/\/[^/]+$/.test(item))
    ? { value: items }
    : { problem: 'expected origins such as http://localhost:5173, separated by commas' };
};

/** Zones mean something on one machine only; no client sends them. */
const isAddress = (text: string): boolean => isIPv6(text) && !text.includes('%');
/** IPv6 addresses with or without brackets; what comes out has none. */
const hostNames = (value: string): Parsed<readonly string[]> => {
  const items = list(value.toLowerCase()).map((item) => item.replace(/^\[(.*:.*)\]$/, '$1'));
  return items.every(
    (item) => item === '*' || isAddress(item) || /^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(item),
  )
    ? { value: items }
    : {
        problem:
          'expected host names or addresses without port, such as photos.example.org or fd00::1, separated by commas',
      };
};

/** Every setting, in the order of docs/operations.md and `.env.example`; a test keeps the three equal. */
export const SETTINGS = {
  host: { name: 'HOST', fallback: '127.0.0.1', help: 'address to listen on', parse: text },
  port: {
    name: 'PORT',
    fallback: '4000',
    help: 'port to listen on; 0 takes a free one',
    parse: integer(0, 65535),
  },
  databaseUrl: {
    name: 'DATABASE_URL',
    fallback: 'file:./data/likeness.db',
    help: 'SQLite file with rows, tags, vectors and history',
    parse: databaseUrl,
  },
  indexDir: {
    name: 'INDEX_DIR',
    fallback: './index',
    help: 'folder of the vector index (derived; may be deleted while stopped)',
    parse: path,
  },
  mediaDir: {
    name: 'MEDIA_DIR',
    fallback: './media',
    help: 'folder of the pictures and their thumbnails',
    parse: path,
  },
  modelsDir: {
    name: 'MODELS_DIR',
    fallback: './models',
    help: 'folder of the models, one folder each',
    parse: path,
  },
  model: {
    name: 'MODEL',
    fallback: 'auto',
    help: 'model id, or `auto` for the one chosen with `models use`, else the best one found',
    parse: text,
  },
  modelHub: {
    name: 'MODEL_HUB',
    fallback: 'https://huggingface.co',
    help: 'where `models pull` downloads from: the Hugging Face hub, or a mirror of it',
    parse: webAddress,
  },
  sampleGallery: {
    name: 'SAMPLE_GALLERY',
    fallback: 'auto',
    help: '`auto` fills an empty gallery with sample pictures, `off` does not',
    parse: oneOf('auto', 'off'),
  },
  importRoots: {
    name: 'IMPORT_ROOTS',
    fallback: '',
    help: 'folders `importFolder` may read, separated by commas; none when empty',
    parse: (value: string) => ({ value: list(value).map((item) => resolve(PROJECT_DIR, item)) }),
  },
  maxUploadBytes: {
    name: 'MAX_UPLOAD_BYTES',
    fallback: '20971520',
    help: 'largest picture file in bytes',
    parse: integer(1, 2 ** 30),
  },
  maxImagePixels: {
    name: 'MAX_IMAGE_PIXELS',
    fallback: '100000000',
    help: 'largest picture in pixels (width x height)',
    parse: integer(1, 2 ** 30),
  },
  maxModelBytes: {
    name: 'MAX_MODEL_BYTES',
    fallback: '5368709120',
    help: 'largest file of a model that an administrator uploads, in bytes',
    parse: integer(1, 2 ** 40),
  },
  embedWorkers: {
    name: 'EMBED_WORKERS',
    fallback: '0',
    help: 'worker processes; 0 chooses by the cores',
    parse: integer(0, 256),
  },
  embedThreads: {
    name: 'EMBED_THREADS',
    fallback: '0',
    help: 'threads of each worker; 0 chooses by the cores',
    parse: integer(0, 256),
  },
  executionProvider: {
    name: 'EXECUTION_PROVIDER',
    fallback: 'cpu',
    help: 'what runs the model: `cpu`, `cuda`, `coreml` or `dml`; the CPU when it cannot be had',
    parse: oneOf('cpu', 'cuda', 'coreml', 'dml'),
  },
  maxQueue: {
    name: 'MAX_QUEUE',
    fallback: '256',
    help: 'pictures that may wait for a worker before SERVER_BUSY',
    parse: integer(1, 100_000),
  },
  maxQueueBytes: {
    name: 'MAX_QUEUE_BYTES',
    fallback: '268435456',
    help: 'bytes of pictures that may wait in memory before SERVER_BUSY; larger files wait on the disk',
    parse: integer(1_000_000, 2 ** 40),
  },
  requestTimeoutMs: {
    name: 'REQUEST_TIMEOUT_MS',
    fallback: '30000',
    help: 'time a picture may take in a worker before REQUEST_TIMEOUT, in ms',
    parse: integer(100, 3_600_000),
  },
  stopTimeoutMs: {
    name: 'STOP_TIMEOUT_MS',
    fallback: '9500',
    help: 'time a stop may take, in ms; less than what is waited before a kill (Docker: 10 s)',
    parse: integer(100, 3_600_000),
  },
  rateLimit: {
    name: 'RATE_LIMIT',
    fallback: '0',
    help: 'GraphQL requests a minute from one address before RATE_LIMITED; 0 is no limit',
    parse: integer(0, 1_000_000),
  },
  introspection: {
    name: 'INTROSPECTION',
    fallback: 'auto',
    help: 'GraphQL introspection and playground: `on`, `off`, or `auto` (on when HOST is loopback)',
    parse: oneOf('auto', 'on', 'off'),
  },
  corsOrigins: {
    name: 'CORS_ORIGINS',
    fallback: '',
    help: 'web origins that may call the API from a browser, separated by commas',
    parse: origins,
  },
  allowedHosts: {
    name: 'ALLOWED_HOSTS',
    fallback: '',
    help: 'host names this server is reached by, separated by commas; `*.example.org` for all below, `*` for any',
    parse: hostNames,
  },
  adminToken: {
    name: 'ADMIN_TOKEN',
    fallback: '',
    help: 'bearer token for changing the model through the API; empty: only from this machine, while HOST is loopback',
    parse: (value: string): Parsed<string> =>
      /\s/.test(value) ? { problem: 'expected a text without spaces' } : { value },
  },
  historyLimit: {
    name: 'HISTORY_LIMIT',
    fallback: '10000',
    help: 'searches kept in the history',
    parse: integer(0, 10_000_000),
  },
  logLevel: {
    name: 'LOG_LEVEL',
    fallback: 'info',
    help: 'silent, error, warn, info or debug',
    parse: oneOf('silent', 'error', 'warn', 'info', 'debug'),
  },
  logFormat: {
    name: 'LOG_FORMAT',
    fallback: 'pretty',
    help: '`pretty` for people, `json` for machines',
    parse: oneOf('pretty', 'json'),
  },
} as const satisfies Record<keyof Config, Setting<unknown>>;

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
    // Told by whoever reads the settings.
  }
  return (flags.LOG_FORMAT ?? process.env['LOG_FORMAT'])?.trim() === 'json' ? 'json' : 'pretty';
}

/** Makes libraries that write to the system's temporary folder write below the data folder, where start cleans up. */
export function useTemporaryDir(dir: string): void {
  process.env['TMPDIR'] = dir;
  process.env['TEMP'] = dir;
}
