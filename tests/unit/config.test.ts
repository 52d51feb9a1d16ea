import { describe, expect, test } from '@jest/globals';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isLoopback, loadConfig, networkEnvironment, readEnvironment } from '../../src/config.js';
import { PROJECT_DIR } from '../../src/project.js';
import { SETTINGS } from '../../src/settings.js';
import { AppError } from '../../src/errors.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

function problemsOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('CONFIG_INVALID');
    return (error as AppError).details['problems'] as string[];
  }
  throw new Error('expected CONFIG_INVALID');
}

describe('loadConfig', () => {
  test('every default is valid', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 4000,
      model: 'auto',
      sampleGallery: 'auto',
      introspection: true,
    });
    expect(config.databaseUrl).toBe(`file:${join(PROJECT_DIR, 'data', 'likeness.db')}`);
    expect(Object.isFrozen(config)).toBe(true);
  });

  test('flag over environment over default', () => {
    expect(loadConfig({ PORT: '5000', HOST: '0.0.0.0' }, { PORT: '6000' })).toMatchObject({
      port: 6000,
      host: '0.0.0.0',
      introspection: false,
    });
  });

  test('all problems are reported together, without the values', () => {
    const problems = problemsOf(() =>
      loadConfig({
        PORT: 'secret',
        SAMPLE_GALLERY: 'maybe',
        DATABASE_URL: 'postgres://x',
        LOG_LEVEL: 'loud',
      }),
    );
    expect(problems.map((line) => line.split(':')[0])).toEqual([
      'PORT',
      'DATABASE_URL',
      'SAMPLE_GALLERY',
      'LOG_LEVEL',
    ]);
    expect(problems.join()).not.toContain('secret');
  });

  test('relative paths are relative to the project, wherever it is started from', () => {
    expect(loadConfig({ MEDIA_DIR: './pictures', IMPORT_ROOTS: '/a, b' })).toMatchObject({
      mediaDir: join(PROJECT_DIR, 'pictures'),
      importRoots: ['/a', join(PROJECT_DIR, 'b')],
    });
  });

  test('the hub is an address, without credentials and without a slash at its end', () => {
    expect(loadConfig({ MODEL_HUB: 'https://hub.example.org/mirror/' }).modelHub).toBe(
      'https://hub.example.org/mirror',
    );
    for (const wrong of ['hub.example.org', 'ftp://hub.example.org', 'https://a:secret@hub', 'https://'])
      expect(problemsOf(() => loadConfig({ MODEL_HUB: wrong })).join()).toMatch(/^MODEL_HUB: (?!.*secret)/);
  });

  test('proxies are taken from the names that everybody uses, lower-case first', () => {
    expect(networkEnvironment({})).toEqual({ proxy: { http: '', https: '', none: '' }, hubToken: '' });
    expect(
      networkEnvironment({ HTTPS_PROXY: 'http://a', https_proxy: 'http://b', NO_PROXY: 'c', HF_TOKEN: 'd' }),
    ).toEqual({ proxy: { http: '', https: 'http://b', none: 'c' }, hubToken: 'd' });
  });

  test('loopback hosts are known', () => {
    expect(['127.0.0.1', '127.1.2.3', 'localhost', '::1'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '192.168.1.1', '127.evil.example'].some(isLoopback)).toBe(false);
  });
});

describe('settings are documented', () => {
  const settings = Object.values(SETTINGS);

  test('.env.example has every setting with its default and its help, and no other', async () => {
    const text = await readFile(join(PROJECT_DIR, '.env.example'), 'utf8');
    const expected = settings
      .map(({ name, fallback, help }) => `\n# ${help}\n# ${name}=${fallback}\n`)
      .join('');
    expect(text.slice(text.indexOf('\n') + 1)).toBe(expected);
  });

  test.each(['docs/operations.md', 'docs/operations.zh-CN.md'])(
    '%s has every setting with its default, and no other',
    async (file) => {
      const text = await readFile(join(PROJECT_DIR, file), 'utf8');
      const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| (?:`(.*?)`)? *\|/gm)].map(
        ([, name, fallback]) => `${name}=${fallback ?? ''}`,
      );
      expect(rows).toEqual(settings.map(({ name, fallback }) => `${name}=${fallback}`));
    },
  );
});

describe('a .env file', () => {
  const text = '# settings\r\nLIKENESS_TEST_A=5000 # the port\r\nLIKENESS_TEST_B="two words"\r\n';
  const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
  const write = async (content: string | Buffer): Promise<string> => {
    const path = join(await temporaryDir(), '.env');
    await writeFile(path, content);
    return path;
  };

  test.each<[string, string | Buffer]>([
    ['as it should be', text.replaceAll('\r', '')],
    ['with the line ends of Windows', text],
    ['with a byte order mark', `\ufeff${text}`],
    ['in UTF-16', utf16],
    ['in UTF-16 of the other byte order', Buffer.from(utf16).swap16()],
  ])('%s is read; what is set already wins', async (_, content) => {
    process.env['LIKENESS_TEST_B'] = 'mine';
    try {
      expect(readEnvironment(await write(content))).toMatchObject({
        LIKENESS_TEST_A: '5000',
        LIKENESS_TEST_B: 'mine',
      });
    } finally {
      delete process.env['LIKENESS_TEST_A'];
      delete process.env['LIKENESS_TEST_B'];
    }
  });

  test('that is not there is no error; one that cannot be read is told', async () => {
    expect(readEnvironment(join(await temporaryDir(), '.env'))).toBe(process.env);
    const folder = join(await temporaryDir(), '.env');
    await mkdir(folder);
    const withoutMark = Buffer.from('PORT=1', 'utf16le');
    for (const path of [folder, await write(withoutMark), await write(Buffer.from([0x50, 0xff, 0x3d]))])
      expect(() => readEnvironment(path)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});
