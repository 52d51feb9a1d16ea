import { spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const MAIN = fileURLToPath(new URL('../../build/main.js', import.meta.url));

/** The server as a separate process with a data folder; `readyMs` is the time from spawn to its ready line. */
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

const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const BOUNDARY = 'likeness-bench-boundary';

/** Multipart requests as bytes, built once per picture, since the server is measured, not the building of forms. */
const bodies = new Map();
function bodyOf(bytes, fields) {
  if (!bodies.has(fields)) bodies.set(fields, new WeakMap());
  let body = bodies.get(fields).get(bytes);
  if (body === undefined) {
    const part = (name, value, extra = '') =>
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${extra}\r\n\r\n${value}`;
    const query = `query ($image: Upload) { searchByImage(image: $image) { ${fields} } }`;
    const head = `${part('operations', JSON.stringify({ query, variables: { image: null } }))}\r\n${part('map', '{"0":["variables.image"]}')}\r\n${part('0', '', '; filename="picture.jpg"\r\nContent-Type: image/jpeg')}`;
    body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);
    bodies.get(fields).set(bytes, body);
  }
  return body;
}

export async function searchUpload(
  url,
  bytes,
  fields = 'id matches { rank similarity image { id title url thumbnailUrl } }',
) {
  const body = bodyOf(bytes, fields);
  const headers = {
    'apollo-require-preflight': '1',
    'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
    'content-length': body.length,
    'x-visitor-id': 'bench-visitor',
  };
  const text = await new Promise((resolve, reject) => {
    const call = request(`${url}/graphql`, { method: 'POST', headers, agent }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks).toString()));
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end(body);
  });
  const { data, errors } = JSON.parse(text);
  if (errors) throw new Error(JSON.stringify(errors));
  return data.searchByImage;
}
