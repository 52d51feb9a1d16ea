import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createLogger } from '../../src/logger.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

describe.each(['json', 'pretty'] as const)('a log (%s)', (format) => {
  test('that cannot be written ends nothing, and is told when it can be again', async () => {
    const path = join(await temporaryDir(), 'log');
    const descriptor = openSync(path, 'a');
    const logger = createLogger({ level: 'info', format, destination: descriptor });
    logger.info({ pictures: 3 }, 'first');
    closeSync(descriptor); // EBADF, as after a closed stdout
    const full = openSync('/dev/full', 'w'); // the same number: ENOSPC for every write
    expect(full).toBe(descriptor);
    for (let n = 0; n < 3; n++) logger.error({ n }, 'nobody will read this');
    closeSync(full);
    logger.error({}, 'nor this');
    const again = openSync(path, 'a');
    expect(again).toBe(descriptor);
    logger.info({}, 'last');
    closeSync(again);
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/first.*3|3.*first/);
    expect(lines[1]).toMatch(/log lines could not be written and are lost/);
    expect(lines[1]).toMatch(/"?lines"?:\s?4/);
    expect(lines[2]).toMatch(/last/);
    if (format === 'json') for (const line of lines) expect(JSON.parse(line)).toHaveProperty('time');
  });

  test('whose reader does not read blocks nothing, and is told what was lost when it reads again', async () => {
    const path = join(await temporaryDir(), 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, 'w'); // it blocks, as the pipe of a parent process does
    const logger = createLogger({ level: 'info', format, destination: writer });
    for (let n = 0; n < 3000; n++) logger.info({ n }, 'x'.repeat(100));
    const read = (): string => {
      const bytes = Buffer.alloc(1 << 20);
      return bytes.toString('utf8', 0, readSync(reader, bytes));
    };
    const before = read().split('\n').length - 1;
    logger.info({}, 'last');
    const [lost, last] = read().trimEnd().split('\n').slice(-2);
    expect(lost).toMatch(/log lines could not be written and are lost/);
    expect(Number(/"?lines"?:\s?(\d+)/.exec(lost ?? '')?.[1])).toBe(3000 - before);
    expect(last).toMatch(/last/);
    for (const descriptor of [reader, writer]) closeSync(descriptor);
  });
});
