import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { bundle, bundledPrograms } from './bundle.mjs';
import { buildClient } from './client.mjs';
import { compile, expectedOutputs } from './compile.mjs';
import { buildNativeIfPossible, isNativeFresh } from './native.mjs';
import { installPackages, packagesMatch } from './packages.mjs';
import { CACHE_DIR, fromRoot, ROOT } from './paths.mjs';
import { generatePrismaClient } from './prisma-client.mjs';
import { runNode, SetupError, tail } from './run.mjs';
import { say } from './say.mjs';
import { fingerprintedStep } from './steps.mjs';

const place = { root: ROOT, stampDir: CACHE_DIR };

function versionOf(name) {
  const path = fromRoot('node_modules', ...name.split('/'), 'package.json');
  return existsSync(path) ? `${name}@${JSON.parse(readFileSync(path, 'utf8')).version}` : `${name}: absent`;
}

async function runOwnScript(script, failure) {
  const { code, output } = await runNode(fromRoot(script), [], { cwd: ROOT });
  if (code !== 0) throw new SetupError(failure, tail(output));
}

/** What the page is built from; its generated types are made of these, too. */
function clientSources() {
  const sources = readdirSync(fromRoot('client-sample', 'src')).filter((name) => name !== 'gql');
  const beside = [
    'index.html',
    'package-lock.json',
    'codegen.ts',
    'vite.config.ts',
    'tsconfig.json',
    'public',
    'scripts',
  ];
  return [...beside, ...sources.map((name) => `src/${name}`)].map((name) => `client-sample/${name}`);
}

/**
 * Everything between a fresh clone and a server that can start, in order of dependency.
 * A new part that is built from sources becomes one more entry here.
 *
 * @param {{ dev: boolean }} options `dev`: development packages are needed too (tests and checks)
 * @returns {import('./steps.mjs').Step[]}
 */
export function setupSteps({ dev }) {
  const steps = [
    {
      id: 'packages',
      say: 'installing packages (npm ci), one or two minutes',
      after: [],
      isFresh: () => packagesMatch(ROOT, { dev }),
      run: () => installPackages(ROOT, { dev }),
    },
    {
      id: 'native',
      say: 'compiling the vector index for this processor',
      after: ['packages'],
      isFresh: () => isNativeFresh(),
      run: () => buildNativeIfPossible((line) => say(`setup: ${line}`)),
    },
    fingerprintedStep(place, {
      id: 'prisma-client',
      say: 'generating the database client',
      after: ['packages'],
      inputs: ['prisma/schema.prisma'],
      words: () => [versionOf('prisma')],
      outputs: () => ['src/services/catalog/generated/client.ts'],
      run: () => generatePrismaClient(ROOT),
    }),
    fingerprintedStep(place, {
      id: 'compile',
      say: 'compiling the server',
      after: ['prisma-client'],
      inputs: ['src', 'tsconfig.json', 'tsconfig.build.json'],
      words: () => [versionOf('typescript')],
      outputs: () => expectedOutputs(ROOT),
      run: () => compile(ROOT),
    }),
    fingerprintedStep(place, {
      id: 'bundle',
      say: 'bundling the server',
      after: ['prisma-client'],
      // The packages are in it, too.
      inputs: [
        'src',
        'tsconfig.json',
        'package-lock.json',
        'scripts/lib/bundle.mjs',
        'scripts/lib/module-url.mjs',
      ],
      outputs: () => bundledPrograms(ROOT),
      run: () => bundle(ROOT),
    }),
    fingerprintedStep(place, {
      id: 'builtin-model',
      say: 'building the built-in model',
      after: ['compile'],
      inputs: [
        'scripts/build-builtin-model.mjs',
        'src/model-tools/builtin',
        'src/model-tools/dinov2/float16.ts',
        'src/model-tools/onnx',
        'src/model-tools/weights',
        'src/services/embedding/model-file.ts',
      ],
      outputs: () => ['NOTICE', 'model.json', 'model.onnx'].map((name) => `models/builtin/${name}`),
      run: () => runOwnScript('scripts/build-builtin-model.mjs', 'The built-in model could not be built:'),
    }),
    fingerprintedStep(place, {
      id: 'sample-gallery',
      say: 'drawing the sample pictures',
      after: ['packages'],
      inputs: ['tools/sample-gallery'],
      words: () => [versionOf('sharp')],
      outputs: () => ['sample-gallery/manifest.json'],
      run: () => runOwnScript('tools/sample-gallery/draw.mjs', 'The sample pictures could not be drawn:'),
    }),
    {
      id: 'client-packages',
      say: 'installing the packages of the web page',
      after: ['packages'],
      isFresh: () => packagesMatch(fromRoot('client-sample'), { dev: true }),
      run: () => installPackages(fromRoot('client-sample'), { dev: true }),
    },
    fingerprintedStep(place, {
      id: 'client',
      say: 'building the web page',
      after: ['client-packages'],
      // The page hands out the READMEs and the schema, too.
      inputs: [
        'schema.graphql',
        'README.md',
        'README.zh-CN.md',
        'scripts/lib/client.mjs',
        ...clientSources(),
      ],
      outputs: () => ['client-sample/dist/index.html', 'client-sample/src/gql/graphql.ts'],
      run: () => buildClient(fromRoot('client-sample')),
    }),
  ];
  return existsSync(fromRoot('scripts', 'build-builtin-model.mjs'))
    ? steps
    : steps.filter(({ id }) => id !== 'builtin-model');
}
