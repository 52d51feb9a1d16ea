import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `npm run dev` finds a running Likeness. */
const SERVER = process.env['LIKENESS_URL'] ?? 'http://127.0.0.1:4000';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // The page's content security policy allows no `data:` scripts or fonts; small images may be inlined.
    assetsInlineLimit: 0,
    // The page is served with a strict policy: nothing inline, so no inline module preload polyfill either.
    modulePreload: { polyfill: false },
  },
  server: {
    // The schema and the README lie beside this folder.
    fs: { allow: ['..'] },
    proxy: {
      '/graphql': { target: SERVER, ws: true },
      '/media': SERVER,
      '/playground': SERVER,
    },
  },
});
