/** Loaded into each process of a server (`hold-workers.ts`): a worker that is to be held waits before it does anything. */
const { existsSync } = require('node:fs');
const { basename, join } = require('node:path');

const name = basename(process.argv[1] ?? '');
const mark = join(process.env.HELD_WORKERS, name);
const nothing = new Int32Array(new SharedArrayBuffer(4));
if (name.endsWith('-worker.js')) while (existsSync(mark)) Atomics.wait(nothing, 0, 0, 20);
