/**
 * Processor time of a start with an empty gallery and of a command, from the bundle (build/) and module by module
 * (dist/), in turn: `node bench/start.mjs [rounds]`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machine, percentile, round } from './lib/measure.mjs';
import { dataSettings } from './lib/server.mjs';

const rounds = Number(process.argv[2] ?? 5);
const FORMS = ['build', 'dist'];
const WORK = {
  'a start of the server': ['main.js'],
  'likeness status': ['cli/main.js', 'status'],
  'likeness models list': ['cli/main.js', 'models', 'list'],
};

/** Processor seconds of a process and its children, until it ends or reports that it is ready. */
async function processorTime(form, [entry, ...args]) {
  const dir = mkdtempSync(join(tmpdir(), 'likeness-bench-'));
  const main = fileURLToPath(new URL(`../${form}/${entry}`, import.meta.url));
  // A shell stays in between, since the kernel counts the time of children that it has waited for.
  const shell = spawn(
    'sh',
    ['-c', 'trap : TERM; "$@"; cat /proc/$$/stat >&2', 'sh', process.execPath, main, ...args],
    {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PORT: '0',
        LOG_FORMAT: 'json',
        SAMPLE_GALLERY: 'off',
        MODEL: 'builtin',
        ...dataSettings(dir),
      },
    },
  );
  let errors = '';
  shell.stderr.on('data', (data) => (errors += data));
  shell.stdout.on('data', (data) => {
    if (String(data).includes('"url":"http:')) process.kill(-shell.pid, 'SIGTERM');
  });
  await new Promise((resolve) => shell.once('close', resolve));
  rmSync(dir, { recursive: true });
  const stat = errors.trim().split('\n').at(-1);
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return (fields[13] + fields[14]) / 100; // cutime and cstime, in ticks of 10 ms (proc_pid_stat(5))
}

console.log(machine());
for (const [name, command] of Object.entries(WORK)) {
  const times = Object.fromEntries(FORMS.map((form) => [form, []]));
  for (let i = 0; i < rounds; i++)
    for (const form of FORMS) times[form].push(await processorTime(form, command));
  const [bundled, single] = FORMS.map((form) => percentile(times[form], 50));
  console.log(
    `${name}: ${round(bundled)} s bundled, ${round(single)} s module by module, ${round(bundled / single)} of it`,
  );
}
