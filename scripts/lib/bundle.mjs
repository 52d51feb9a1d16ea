import { readdirSync, renameSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { SetupError } from './run.mjs';

/** Loaded from node_modules at run time: what has native code, files or threads of its own, or must exist only once. */
const EXTERNAL = [
  '@imagemagick/magick-wasm',
  'altair-static',
  'hnswlib-node',
  'libsql',
  'onnxruntime-node',
  'sharp',
];

/** For packages written as CommonJS; esbuild's own stand-in only throws. */
const REQUIRE =
  "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

/** What is started by itself: the server, the command line and the processes and threads they open. */
function programs(root) {
  const workers = readdirSync(join(root, 'src', 'workers')).filter((name) =>
    /-(worker|thread|builder)\.ts$/.test(name),
  );
  return ['main.ts', 'cli/main.ts', ...workers.map((name) => `workers/${name}`)];
}

/** The files that have to be there, relative to `root`. */
export const bundledPrograms = (root) =>
  programs(root).map((name) => join('build', name.replace(/\.ts$/, '.js')));

/**
 * Joins src/ and the packages it uses to a few files in build/: reading some 1,500 modules one by one costs every start
 * and every command a third of its time. A bundle that is not whole replaces nothing.
 */
export async function bundle(root) {
  const { build } = await import('esbuild'); // not installed yet when this module is loaded
  const [made, used] = [join(root, 'build.new'), join(root, 'build')];
  rmSync(made, { recursive: true, force: true });
  try {
    await build({
      absWorkingDir: root,
      entryPoints: programs(root).map((name) => join('src', name)),
      outbase: 'src',
      outdir: made,
      chunkNames: 'chunks/[name]-[hash]',
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      keepNames: true,
      sourcemap: 'external', // without a word of it in the code: Node would read them all at every start
      sourcesContent: false,
      minifyWhitespace: true,
      minifySyntax: true,
      legalComments: 'none',
      logLevel: 'silent',
      external: EXTERNAL,
      banner: { js: REQUIRE },
      inject: [join(root, 'scripts', 'lib', 'module-url.mjs')],
      plugins: [keepModuleUrls(join(root, 'src')), oneGraphql(join(root, 'node_modules', 'graphql'))],
    });
  } catch (error) {
    throw new SetupError('The server could not be bundled; esbuild says:', error.message);
  }
  rmSync(used, { recursive: true, force: true });
  renameSync(made, used);
}

/** A module finds its worker and the project's folder by its own address, which the bundle's would not give it. */
const keepModuleUrls = (src) => ({
  name: 'keep-module-urls',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (!path.startsWith(src + sep)) return null;
      const name = relative(src, path).replace(/\.ts$/, '.js').split(sep).join('/');
      const text = await readFile(path, 'utf8');
      return {
        loader: 'ts',
        contents: text.replaceAll('import.meta.url', `moduleUrl(${JSON.stringify(name)})`),
      };
    });
  },
});

/** Packages that `require` graphql must see the same classes as those that `import` it. */
const oneGraphql = (folder) => ({
  name: 'one-graphql',
  setup({ onResolve }) {
    onResolve({ filter: /^graphql(\/.+)?$/ }, ({ path }) => {
      const name = path.slice('graphql/'.length).replace(/\.m?js$/, '') || 'index';
      return { path: join(folder, `${name}.mjs`) };
    });
  },
});
