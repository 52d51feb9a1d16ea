import { readFileSync } from 'node:fs';
import { fromRoot } from './paths.mjs';

/** Whether the log consists of lines of JSON, by the environment or the .env file; then set-up writes JSON lines, too. */
function isJson(env = process.env) {
  if (env.LOG_FORMAT !== undefined) return env.LOG_FORMAT.trim() === 'json';
  try {
    return /^\s*(export\s+)?LOG_FORMAT\s*=\s*(["'`]?)json\2\s*(#.*)?$/m.test(
      readFileSync(fromRoot('.env'), 'utf8'),
    );
  } catch {
    return false;
  }
}

/** Tells people something on standard error, so that a command's own output stays clean. */
export function say(text, level = 'info') {
  if (!isJson()) console.error(text);
  else console.error(JSON.stringify({ level: { info: 30, error: 50 }[level], time: Date.now(), msg: text }));
}
