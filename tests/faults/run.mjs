/**
 * Runs every script of this folder, one after the other: what needs a disk of its own, limits of the system, or root.
 * A script ends with 0 (held), 77 (cannot run here; its last line says why) or anything else (failed).
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const CANNOT_RUN = 77;
const own = 'run.mjs';
const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.mjs') && name !== own);

let failed = 0;
for (const name of names.sort()) {
  const start = performance.now();
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, name)], {
    encoding: 'utf8',
    timeout: 600_000,
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (status === 0) console.log(`held        ${name} (${seconds} s)`);
  else if (status === CANNOT_RUN) console.log(`not run     ${name}: ${stdout.trim().split('\n').at(-1)}`);
  else {
    failed++;
    console.log(`FAILED      ${name} (${signal ?? status}, ${seconds} s)\n${stdout}${stderr}`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
