import { transformAsync } from '@babel/core';
import { babelOptimizerPlugin } from '@graphql-codegen/client-preset';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Where `npm run dev` finds a running Likeness. */
const SERVER = process.env['LIKENESS_URL'] ?? 'http://127.0.0.1:4000';

/**
 * Replaces each `graphql(`…`)` by its own generated document. Without it every page would carry the documents of all
 * pages, once as text and once parsed.
 */
function documents(): Plugin {
  return {
    name: 'graphql-documents',
    enforce: 'pre',
    async transform(code, id) {
      if (!/\/src\/.*\.tsx?$/.test(id) || id.includes('/src/gql/') || !code.includes('graphql(`'))
        return null;
      const result = await transformAsync(code, {
        filename: id,
        babelrc: false,
        configFile: false,
        sourceMaps: true,
        parserOpts: { plugins: ['typescript', 'jsx'] },
        plugins: [[babelOptimizerPlugin, { artifactDirectory: './src/gql', gqlTagName: 'graphql' }]],
      });
      return result && { code: result.code ?? code, map: result.map };
    },
  };
}

export default defineConfig({
  plugins: [documents(), react()],
  build: {
    target: 'es2022',
    // The page's policy allows no `data:` scripts and fonts.
    assetsInlineLimit: 0,
    // Nor anything inline.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // One file instead of two dozen: what every page shares, without what only one of them needs.
        codeSplitting: {
          groups: [
            {
              name: 'shared',
              test: /node_modules\/(?!d3-|@tanstack|html-parse-stringify)/,
              minShareCount: 2,
            },
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
