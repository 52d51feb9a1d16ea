import { parseEnv } from 'node:util';
import { AppError } from '../errors.js';

/**
 * The variables of a `.env` file. Windows editors may add a byte order mark or save it as UTF-16; both are accepted.
 * @throws AppError CONFIG_INVALID if it is not text
 */
export function parseEnvFile(bytes: Uint8Array): Readonly<Record<string, string>> {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return parseEnv(text.replace(/\r\n?/g, '\n')) as Record<string, string>;
  } catch {
    // Not of this encoding: as below.
  }
  throw new AppError('CONFIG_INVALID', 'The file .env is not UTF-8 text: save it as UTF-8.');
}
