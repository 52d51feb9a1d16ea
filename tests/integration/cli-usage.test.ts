import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS } from '../../src/errors.js';
import { PROJECT_DIR } from '../../src/project.js';
import { SETTINGS } from '../../src/settings.js';
import { runCli } from '../helpers/cli.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

const COMMANDS = ['serve', 'import', 'search', 'status', 'verify', 'reindex', 'export'];

describe('help', () => {
  test('names every command and the exit codes, on stdout', async () => {
    const { code, stdout, stderr } = await runCli(['--help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const command of COMMANDS) expect(stdout).toContain(`\n  ${command} `);
    expect(stdout).toContain('Exit codes:');
  });

  test.each(COMMANDS)('%s has examples', async (command) => {
    const { code, stdout, stderr } = await runCli([command, '--help']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`$ likeness ${command}`);
  });

  test('of serve lists every setting', async () => {
    const { stdout } = await runCli(['help', 'serve']);
    for (const { name } of Object.values(SETTINGS))
      expect(stdout).toContain(`--${name.toLowerCase().replaceAll('_', '-')} <value>`);
  });

  test('without a command goes to stderr, as a usage error', async () => {
    const { code, stdout, stderr } = await runCli([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: likeness');
  });

  test('--version', async () => {
    const { version } = JSON.parse(readFileSync(join(PROJECT_DIR, 'package.json'), 'utf8'));
    expect(await runCli(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('wrong usage', () => {
  test.each([
    [['paint'], "unknown command 'paint'"],
    [['status', '--speed'], "unknown option '--speed'"],
    [['import'], "missing required argument 'folder'"],
    [['export', 'a', 'b'], 'too many arguments'],
    [['search', '--top-k', '0', 'a.jpg'], 'a whole number from 1 to 1000'],
    [['search', '--min-similarity', '1.5', 'a.jpg'], 'a number from 0 to 1'],
    [['search', '--json', '--csv', 'a.jpg'], 'cannot be used with'],
    [['reindex', '--embed', 'some'], 'Allowed choices are missing, all'],
    [['search'], 'Expected a picture file'],
    [['search', '--batch', '/no/such/folder'], '/no/such/folder cannot be read: it does not exist'],
    [['import', '/no/such/folder'], '/no/such/folder cannot be read: it does not exist'],
    [['import', '.', '--tag', ' '], 'tag'],
  ])('likeness %j', async (args, sentence) => {
    const { code, stdout, stderr } = await runCli(args, { cwd: await temporaryDir() });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^likeness: BAD_USER_INPUT: /);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain('    at ');
  });

  test('all wrong settings are told together', async () => {
    const { code, stdout, stderr } = await runCli(['status', '--port', 'abc'], {
      env: { MAX_QUEUE: 'many' },
    });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^likeness: CONFIG_INVALID: /);
    expect(stderr).toContain('PORT: expected a whole number');
    expect(stderr).toContain('MAX_QUEUE: expected a whole number');
  });
});

describe('data that cannot be used', () => {
  test('a model that is not there, told in one line', async () => {
    const dir = await temporaryDir();
    const { code, stdout, stderr } = await runCli(['import', dir, '--models-dir', dir], {
      env: { DATABASE_URL: `file:${join(dir, 'data', 'x.db')}` },
    });
    expect([code, stdout]).toEqual([ERRORS.MODEL_MISSING.exitCode, '']);
    expect(stderr).toMatch(/^0 pictures found\nlikeness: MODEL_MISSING: [^\n]+\n$/);
  });

  test.each(['status', 'verify'])('%s makes no database where there is none', async (command) => {
    const dir = await temporaryDir();
    const { code, stdout, stderr } = await runCli([
      command,
      '--database-url',
      `file:${join(dir, 'none.db')}`,
    ]);
    expect([code, stdout]).toEqual([ERRORS.STORAGE_FAILED.exitCode, '']);
    expect(stderr).toMatch(/^likeness: STORAGE_FAILED: There is no database at [^\n]+\n$/);
  });

  test('the stack is told with LOG_LEVEL=debug only', async () => {
    const dir = await temporaryDir();
    const { stderr } = await runCli(['status', '--log-level', 'debug'], {
      env: { DATABASE_URL: `file:${join(dir, 'none.db')}` },
    });
    expect(stderr).toContain('likeness: STORAGE_FAILED');
    expect(stderr).toMatch(/\n {4}at [^\n]*\/src\/services\/catalog\/[\w-]+\.ts:\d+:\d+\)\n/); // not of the bundle
  });
});
