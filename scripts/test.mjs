/**
 * Runs Jest over all kinds of test, or over what the arguments name: `npm test -- tests/unit/x`.
 * Jest runs ES modules only with Node's --experimental-vm-modules, and Node warns of that in every process.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fromRoot, ROOT } from './lib/paths.mjs';

const args = process.argv.slice(2);
const workers = args.some((arg) => /^(-w|-i|--maxWorkers|--runInBand)/.test(arg))
  ? []
  : [`--maxWorkers=${Math.min(6, 2 * availableParallelism())}`]; // they wait for other processes half of the time

const child = spawn(
  process.execPath,
  [fromRoot('node_modules', 'jest', 'bin', 'jest.js'), ...workers, ...args],
  {
    cwd: ROOT,
    stdio: 'inherit',
    env: {
      ...process.env,
      ORT_DISABLE_TELEMETRY: '1', // for tests that run ONNX Runtime in Jest's own processes
      NODE_OPTIONS: [
        process.env.NODE_OPTIONS,
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
      ]
        .filter(Boolean)
        .join(' '),
    },
  },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('close', (code) => (process.exitCode = code ?? 1));
