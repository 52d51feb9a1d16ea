import { transformAsync } from '@babel/core';
import { babelOptimizerPlugin } from '@graphql-codegen/client-preset';
import react from '@vitejs/plugin-react';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { defineConfig, runnerImport, type Plugin } from 'vite';

/** Where `npm run dev` finds a running Likeness. */
const SERVER = process.env['LIKENESS_URL'] ?? 'http://127.0.0.1:4000';

/** What every page uses of others. */
const SHARED = new RegExp(
  '/node_modules/(' +
    [
      '@apollo|@wry|graphql|i18next|react|react-dom|rxjs|tslib|wouter',
      'react-i18next(?!/dist/es/Trans)',
      'react-bootstrap/esm/(Button|Container|ThemeProvider)\\.js',
    ].join('|') +
    ')(/|$)',
);

/** Of our own what has no style sheet: that would come before Bootstrap's. */
const COMMON = /\/src\/(api|lib|navigation|components\/(?!tag-input|job-card|lightbox|image-details))/;

const GENERATED = './src/gql';
const DOCUMENT = 'virtual:document/';

/**
 * Replaces each `graphql(`…`)` by its own generated document, a module of its own: a page comes with the documents it
 * uses. Otherwise the first one would carry those of all pages, once as text and once parsed.
 */
function documents(): Plugin {
  return {
    name: 'graphql-documents',
    enforce: 'pre',
    resolveId: (id) => (id.startsWith(DOCUMENT) ? id : null),
    async load(id) {
      if (!id.startsWith(DOCUMENT)) return null;
      const name = id.slice(DOCUMENT.length);
      const start = `export const ${name} = `;
      const lines = (await readFile(`${GENERATED}/graphql.ts`, 'utf8')).split('\n');
      const line = lines.find((one) => one.startsWith(start));
      if (line === undefined) throw new Error(`There is no generated document ${name}.`);
      return `${start}${line.slice(start.length).replace(/ as unknown as DocumentNode<.*>;$/, ';')}`;
    },
    async transform(code, id) {
      if (!/\/src\/.*\.tsx?$/.test(id) || id.includes('/src/gql/') || !code.includes('graphql(`'))
        return null;
      const result = await transformAsync(code, {
        filename: id,
        babelrc: false,
        configFile: false,
        sourceMaps: true,
        parserOpts: { plugins: ['typescript', 'jsx'] },
        plugins: [[babelOptimizerPlugin, { artifactDirectory: GENERATED, gqlTagName: 'graphql' }]],
      });
      const split = result?.code?.replace(
        /import \{ (\w+) \} from "[^"]*\/gql\/graphql"/g,
        (_, name: string) => `import { ${name} } from ${JSON.stringify(DOCUMENT + name)}`,
      );
      return result && { code: split ?? code, map: result.map };
    },
  };
}

/** The README as the page hands it out: alone, so without its pictures and the links to files beside it. */
function readme(): Plugin {
  return {
    name: 'readme',
    apply: 'build',
    enforce: 'pre',
    async load(id) {
      const [file = ''] = id.split('?');
      if (!/\/README(\.[\w-]+)?\.md$/.test(file)) return null;
      const source = (await readFile(file, 'utf8'))
        .replace(/^.*!\[[^\]]*\]\([^)]*\).*\n+/gm, '')
        .replace(/\[([^\]]+)\]\((?!https?:)[^)]*\)/g, '$1');
      const asset = this.emitFile({ type: 'asset', name: basename(file), source });
      return `export default import.meta.ROLLUP_FILE_URL_${asset};`;
    },
  };
}

/** Draws the header into the HTML. */
function firstPaint(): Plugin {
  return {
    name: 'first-paint',
    async transformIndexHtml(html) {
      const { module } = await runnerImport<typeof import('./src/static-frame')>('./src/static-frame.tsx');
      return html.replace('<div id="root">', `$&${await module.staticFrame()}`);
    },
  };
}

export default defineConfig({
  plugins: [documents(), react(), readme(), firstPaint()],
  build: {
    target: 'es2022',
    // The page's policy allows no `data:` scripts and fonts.
    assetsInlineLimit: 0,
    // Nor anything inline.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // Two files instead of two dozen: what every page shares, of others and of our own. What only dialogs or single
        // pages use comes with them.
        codeSplitting: {
          groups: [
            { name: 'shared', test: SHARED, minShareCount: 2 },
            { name: 'common', test: COMMON, minShareCount: 5 },
          ],
        },
      },
    },
  },
  server: {
    // The status page hands out what lies beside this folder.
    fs: { allow: ['.', '../README.md', '../README.zh-CN.md', '../schema.graphql'] },
    proxy: {
      '/graphql': { target: SERVER, ws: true },
      '/media': SERVER,
      '/playground': SERVER,
    },
  },
});
