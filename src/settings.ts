import { isIPv6 } from 'node:net';
import { resolve } from 'node:path';
import type { Config } from './config.js';
import { PROJECT_DIR } from './project.js';

type Parsed<Value> = { readonly value: Value } | { readonly problem: string };

export interface Setting<Value> {
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

/** Zones are meaningful on one machine only; no client sends them. */
const isAddress = (text: string): boolean => isIPv6(text) && !text.includes('%');
/** IPv6 addresses with or without brackets; the result has none. */
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
    help: 'folders `importFolder` and `addLibrary` may read, separated by commas; none when empty',
    parse: (value: string) => ({ value: list(value).map((item) => resolve(PROJECT_DIR, item)) }),
  },
  libraryRescanMinutes: {
    name: 'LIBRARY_RESCAN_MINUTES',
    fallback: '60',
    help: 'minutes between two whole scans of each library, for folders whose changes are not noticed; 0 for none',
    parse: integer(0, 10_080),
  },
  urlFetch: {
    name: 'URL_FETCH',
    fallback: 'off',
    help: '`on` lets clients add and search by the address of a picture; the server fetches it',
    parse: oneOf('off', 'on'),
  },
  urlFetchAllow: {
    name: 'URL_FETCH_ALLOW',
    fallback: '',
    help: 'hosts, or hosts with a port, that are fetched from besides public ones, separated by commas',
    parse: (value: string) => ({ value: list(value.toLowerCase()) }),
  },
  keepLocation: {
    name: 'KEEP_LOCATION',
    fallback: 'off',
    help: '`on` stores where pictures were taken and shows it to everybody who sees the gallery; `off` forgets it',
    parse: oneOf('off', 'on'),
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
    help: 'what runs the model: `cpu`, `cuda`, `coreml` or `dml`; the CPU where that is unavailable',
    parse: oneOf('cpu', 'cuda', 'coreml', 'dml'),
  },
  backgroundPriority: {
    name: 'BACKGROUND_PRIORITY',
    fallback: 'low',
    help: 'index builds, atlas and changes of model: `low` lets all else go first; `normal` on an always busy machine',
    parse: oneOf('low', 'normal'),
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
