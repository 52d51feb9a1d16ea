import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** The product as a process of its own over a data folder; `readyMs` from spawn to its ready line. */
export async function startServer(dir, env = {}) {
  const start = performance.now();
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PORT: '0',
      LOG_FORMAT: 'json',
      SAMPLE_GALLERY: 'off',
      ...dataSettings(dir),
      ...env,
    },
  });
  let output = '';
  const url = await new Promise((resolve, reject) => {
    child.stdout.on('data', (data) => {
      output += data;
      const ready = /"url":"(http:[^"]+)"/.exec(output);
      if (ready) resolve(ready[1]);
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}\n${output}`)));
  });
  return {
    url,
    pid: child.pid,
    readyMs: performance.now() - start,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

export const dataSettings = (dir) => ({
  DATABASE_URL: `file:${join(dir, 'likeness.db')}`,
  INDEX_DIR: join(dir, 'index'),
  MEDIA_DIR: join(dir, 'media'),
});

export async function graphql(url, query, variables = {}) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

export async function searchUpload(
  url,
  bytes,
  fields = 'id matches { rank similarity image { id title url thumbnailUrl } }',
) {
  const form = new FormData();
  form.set(
    'operations',
    JSON.stringify({
      query: `query ($image: Upload) { searchByImage(image: $image) { ${fields} } }`,
      variables: { image: null },
    }),
  );
  form.set('map', '{"0":["variables.image"]}');
  form.set('0', new Blob([bytes]), 'picture.jpg');
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'apollo-require-preflight': '1' },
    body: form,
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data.searchByImage;
}
