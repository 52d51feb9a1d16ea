import { spawn } from 'node:child_process';

/** A failure reported in one sentence with what to do; `details` is the tail of a program's output. */
export class SetupError extends Error {
  constructor(message, details = '') {
    super(message);
    this.name = 'SetupError';
    this.details = details;
  }
}

/**
 * Runs a program to its end and collects what it prints (both streams, in order of arrival).
 * Resolves with `{ code, output }`; code is -1 when it could not be started or was killed by a signal.
 */
export function run(command, args, { cwd, env = process.env } = {}) {
  return new Promise((resolve) => {
    const chunks = [];
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => resolve({ code: -1, output: error.message }));
    child.on('close', (code, signal) => {
      const output = Buffer.concat(chunks).toString();
      resolve({ code: code ?? -1, output: signal === null ? output : `${output}\nended by ${signal}` });
    });
  });
}

/** Runs a script with this Node; see `run`. */
export function runNode(script, args = [], options = {}) {
  return run(process.execPath, [script, ...args], options);
}

export function tail(text, lines = 30) {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
