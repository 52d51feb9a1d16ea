/*
 * ARCHITECTURE.md, "Who may import whom", as ESLint settings. ESLint takes a rule's options from the last block that
 * matches a file, so the zones below are disjoint, and each lists every ban that holds in it.
 */

const say = (number, text) => `ARCHITECTURE.md, import rule ${number}: ${text}`;

/** A ban on import sources. `types`: type-only imports are allowed all the same. */
const ban = (regex, message, { types = false } = {}) => ({ regex, message, types });

const GRAPHQL = '^(graphql|type-graphql|graphql-.*|@apollo/.*|@as-integrations/.*)(/|$)';

const NOTHING_OF_OURS_HERE = ban(
  '^\\./(?!errors\\.js$)',
  say(1, 'errors, logger and lib/ import nothing of ours (but errors).'),
);
const LIB_OF_OURS_HERE = ban(
  '^\\./(?!errors\\.js$|lib/)',
  say(1, 'logger imports nothing of ours but errors and lib/.'),
);
const NOTHING_OF_OURS = ban(
  '^\\.\\./(?!errors\\.js$)',
  say(1, 'errors, logger and lib/ import nothing of ours (but errors).'),
);

const NOTHING_OF_OURS_FROM_A_FOLDER = ban(
  '^\\.\\./\\.\\./(?!errors\\.js$)',
  say(1, 'errors, logger and lib/ import nothing of ours (but errors).'),
);

const SERVICES_STAND_ALONE = [
  ban(
    '^\\.\\.?/(.*/)?((schema|resolvers|http|cli|app)/|(server|serve|config|settings|project|app|main)\\.js$)',
    say(2, 'services/ never import schema/, resolvers/, http/, cli/, server, app or config.'),
  ),
  ban(
    `${GRAPHQL}|^express(/|$)|^(node:)?http$`,
    say(2, 'services/ never import graphql, type-graphql, Apollo, Express or node:http.'),
  ),
];

const LEAVES = ['catalog', 'embedding', 'media', 'vector-index'];
const leafStandsAlone = (leaf) => [
  ban(
    `^\\.\\./(.*/)?(${LEAVES.filter((other) => other !== leaf).join('|')})/`,
    say(3, 'leaf services do not import each other (types excepted).'),
    { types: true },
  ),
  ban(
    '^(\\.\\./)+((albums|atlas|gallery|libraries|models|search|spaces)/|jobs\\.js$)',
    say(3, 'leaf services know nothing of the services above them.'),
  ),
];

const MODEL_TOOLS_STAND_APART = ban(
  '/model-tools/',
  say(10, 'model-tools/ is for services/models/, cli/commands/models/ and the probe worker.'),
);
const MODEL_TOOLS_NEED_EMBEDDING = ban(
  '^(\\.\\./)+((services/(?!embedding/)|schema|resolvers|http|cli|app/)|(server|serve|config|settings|project|app|main)\\.js$)',
  say(10, 'model-tools/ know services/embedding/ and lib/, nothing of a gallery.'),
);

const NOBODY_IMPORTS_WORKERS = ban('/workers/', say(4, 'nothing imports workers/ (they are opened by URL).'));

const WORKERS_NEED_LITTLE = [
  ban(
    '^\\.\\./(.*/)?((schema|resolvers|http|cli|app|albums|catalog|gallery|libraries|models|search|spaces)/|(server|serve|config|settings|project|app|main|jobs)\\.js$)',
    say(
      4,
      'workers/ import only what they need of embedding/, vector-index/ and media/{decode,facts/read-facts}.',
    ),
  ),
  ban(
    '/media/(?!(decode|facts/read-facts)\\.js$)',
    say(4, 'of media/, workers/ import only decode and facts/read-facts.'),
    { types: true },
  ),
  ban(`${GRAPHQL}|^express(/|$)|^(node:)?http$`, say(4, 'workers/ know nothing of GraphQL and HTTP.')),
];

/** Plain functions of the services above the leaves may be called; what has a lifetime comes with the context. */
const LEAF_TYPES_ONLY = ban(
  `/services/(${LEAVES.join('|')})/`,
  say(5, 'resolvers/ and schema/ know of leaf services their types only; services come with the context.'),
  { types: true },
);
const ON_TOP = ban(
  '^\\.\\./((http|cli|app)/|(server|serve|config|settings|project|app|main)\\.js$)',
  say(5, 'resolvers/ and schema/ know nothing of server, app, config and cli/.'),
);
const RESOLVERS_ARE_THIN = [
  ban(
    '^(node:)?fs(/|$)|^@prisma/|^@libsql/|^sharp$|^onnxruntime|^hnswlib',
    say(5, 'resolvers/ never import Prisma, fs, sharp, onnxruntime or hnswlib.'),
  ),
  LEAF_TYPES_ONLY,
  ON_TOP,
];
const SCHEMA_IS_THIN = [
  ban('^(node:)?fs(/|$)', say(5, 'schema/ does no I/O of its own.')),
  LEAF_TYPES_ONLY,
  ON_TOP,
];

const APP_KNOWS_NO_GRAPHQL = [
  ban(
    `${GRAPHQL}|^express(/|$)|^(node:)?http$`,
    say(6, 'app knows services and config, not GraphQL or HTTP.'),
  ),
  ban(
    '^\\.\\.?/((schema|resolvers|http|cli)/|(server|serve|main)\\.js$)',
    say(6, 'app knows services and config, not what sits on top of it.'),
  ),
];

const CONFIG_STANDS_BELOW = ban(
  '^\\./(?!(errors|project|settings|config)\\.js$|lib/)',
  say(6, 'config, settings and project are read by those on top, and know none of them.'),
);

const MAINS_SIT_ON_TOP = ban(
  '^\\.\\.?/(main|cli/main)\\.js$',
  say(6, 'cli/ and main sit on top; nobody imports a main.'),
);

/** One owner for each native package (rule 7). */
const OWNED = {
  sharp: ban(
    '^sharp(/|$)',
    say(7, 'one owner per native package: sharp belongs to services/media/{decode,open-picture}.'),
  ),
  magick: ban(
    '^@imagemagick/',
    say(7, 'one owner per native package: ImageMagick belongs to workers/magick-thread.'),
  ),
  onnx: ban('^onnxruntime-', say(7, 'one owner per native package: onnxruntime-node belongs to workers/.')),
  hnsw: ban(
    '^hnswlib-',
    say(
      7,
      'one owner per native package: hnswlib-node belongs to services/vector-index/ and workers/index-builder.',
    ),
  ),
  sqlite: ban('^libsql(/|$)', say(7, 'one owner per native package: libsql belongs to lib/sqlite.')),
  prisma: ban('^@prisma/|^@libsql/|/generated/', say(7, 'the database belongs to services/catalog/.')),
};
const owning = (...owned) =>
  Object.entries(OWNED)
    .filter(([name]) => !owned.includes(name))
    .map(([, rule]) => rule);

const ENV = say(7, 'process.env only in config; services get plain options.');
const EXIT = say(7, 'process.exit only in main.ts and cli/main.ts.');
const CONSOLE = say(7, 'console only in cli/ and logger.');

/** Of a CommonJS package a bundle gives `default` only, Node all names: what works in one fails in the other. */
const DYNAMIC_PACKAGE = {
  selector: "ImportExpression[source.value=/^[^.]/]:not([source.value='altair-static'])", // left out of the bundle
  message: say(9, 'import() loads modules of ours; let one of these import the package.'),
};

/** One block: the bans as rules for static imports, and the same for `import()`. */
function zone(files, bans, { ignores = [], env = false, exit = false, console = false } = {}) {
  return {
    files: files.map((file) => `src/${file}`),
    ignores: ignores.map((file) => `src/${file}`),
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: ['node:process', 'process'].map((name) => ({
            name,
            message: 'Use the global process, so that rule 7 can see it.',
          })),
          patterns: bans.map(({ regex, message, types }) => ({
            regex,
            message,
            ...(types ? { allowTypeImports: true } : {}),
          })),
        },
      ],
      'no-restricted-syntax': [
        'error',
        DYNAMIC_PACKAGE,
        ...bans.map(({ regex, message }) => ({
          selector: `ImportExpression[source.value=/${regex.replaceAll('/', '\\/')}/]`,
          message,
        })),
      ],
      'no-restricted-globals': ['error', ...(console ? [] : [{ name: 'console', message: CONSOLE }])],
      'no-restricted-properties': [
        'error',
        ...(env ? [] : [{ object: 'process', property: 'env', message: ENV }]),
        ...(exit ? [] : [{ object: 'process', property: 'exit', message: EXIT }]),
      ],
    },
  };
}

const SHARP_IS_FOR = ['decode', 'open-picture'].map((name) => `services/media/${name}.ts`);

const ANYWHERE = [NOBODY_IMPORTS_WORKERS, MAINS_SIT_ON_TOP];
const EVERYWHERE = [...ANYWHERE, MODEL_TOOLS_STAND_APART];
const leaf = (name) => [...EVERYWHERE, ...SERVICES_STAND_ALONE, ...leafStandsAlone(name)];

export const importRules = [
  zone(['errors.ts'], [...EVERYWHERE, NOTHING_OF_OURS_HERE, ...owning()]),
  zone(['logger.ts'], [...EVERYWHERE, LIB_OF_OURS_HERE, ...owning()], { console: true }),
  zone(['lib/sqlite.ts'], [...EVERYWHERE, NOTHING_OF_OURS, ...owning('sqlite')]),
  zone(['lib/*.ts'], [...EVERYWHERE, NOTHING_OF_OURS, ...owning()], { ignores: ['lib/sqlite.ts'] }),
  zone(['lib/*/**'], [...EVERYWHERE, NOTHING_OF_OURS_FROM_A_FOLDER, ...owning()]),
  zone(['config.ts'], [...EVERYWHERE, CONFIG_STANDS_BELOW, ...owning()], { env: true }),
  zone(['project.ts', 'settings.ts'], [...EVERYWHERE, CONFIG_STANDS_BELOW, ...owning()]),

  zone(['services/catalog/**'], [...leaf('catalog'), ...owning('prisma')]),
  zone(['services/embedding/**'], [...leaf('embedding'), ...owning()]),
  zone(SHARP_IS_FOR, [...leaf('media'), ...owning('sharp')]),
  zone(['services/media/**'], [...leaf('media'), ...owning()], { ignores: SHARP_IS_FOR }),
  zone(['services/vector-index/**'], [...leaf('vector-index'), ...owning('hnsw')]),
  zone(
    ['services/*.ts', ...['atlas', 'gallery', 'search', 'spaces'].map((name) => `services/${name}/**`)],
    [...EVERYWHERE, ...SERVICES_STAND_ALONE, ...owning()],
  ),
  zone(['services/models/**'], [...ANYWHERE, ...SERVICES_STAND_ALONE, ...owning()]),
  zone(['model-tools/**'], [...ANYWHERE, MODEL_TOOLS_NEED_EMBEDDING, ...owning()]),

  zone(['workers/index-builder.ts'], [...EVERYWHERE, ...WORKERS_NEED_LITTLE, ...owning('hnsw')]),
  zone(['workers/magick-thread.ts'], [...EVERYWHERE, ...WORKERS_NEED_LITTLE, ...owning('magick')]),
  zone(['workers/probe-worker.ts'], [...ANYWHERE, ...WORKERS_NEED_LITTLE, ...owning('onnx')]),
  zone(['workers/**'], [...EVERYWHERE, ...WORKERS_NEED_LITTLE, ...owning('onnx')], {
    ignores: ['index-builder', 'magick-thread', 'probe-worker'].map((name) => `workers/${name}.ts`),
  }),

  zone(['resolvers/**'], [...EVERYWHERE, ...RESOLVERS_ARE_THIN, ...owning()]),
  zone(['schema/**'], [...EVERYWHERE, ...SCHEMA_IS_THIN, ...owning()]),
  zone(['app.ts', 'app/**'], [...EVERYWHERE, ...APP_KNOWS_NO_GRAPHQL, ...owning()]),
  zone(['server.ts', 'serve.ts', 'http/**'], [...EVERYWHERE, ...owning()]),
  zone(['main.ts'], [...EVERYWHERE, ...owning()], { exit: true }),
  zone(['cli/main.ts'], [...EVERYWHERE, ...owning()], { exit: true, console: true }),
  zone(['cli/commands/models/**'], [...ANYWHERE, ...owning()], { console: true }),
  zone(['cli/**'], [...EVERYWHERE, ...owning()], {
    ignores: ['cli/main.ts', 'cli/commands/models/**'],
    console: true,
  }),
  zone(['hub-client.ts'], [...ANYWHERE, ...owning()]),
];
