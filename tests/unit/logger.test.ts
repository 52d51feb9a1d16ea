import { closeSync, openSync, readFileSync } from 'node:fs';
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
});
