import { expect, test } from '@jest/globals';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger } from '../../src/logger.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

async function logged(format: 'pretty' | 'json', fields: object, message: string): Promise<string> {
  const path = join(await temporaryDir(), 'log');
  const destination = openSync(path, 'w');
  createLogger({ level: 'info', format, destination }).info(fields, message);
  closeSync(destination);
  return readFile(path, 'utf8');
}

const EVIL = 'a\x1b[2J\n[12:00:00] INFO: forged \u202e\x9b2J';

test('nothing in the log for people sends commands to a terminal, or passes for an entry of its own', async () => {
  const text = await logged('pretty', { file: EVIL }, EVIL);
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
  expect(text.split('\n').filter((line) => line.startsWith('['))).toHaveLength(1);
  expect(text).toContain('a\\e[2J');
});

test('the log for machines has what was said, in one line', async () => {
  const text = await logged('json', { file: EVIL }, EVIL);
  expect(text.trimEnd()).not.toContain('\n');
  expect(JSON.parse(text)).toMatchObject({ file: EVIL, msg: EVIL });
});
