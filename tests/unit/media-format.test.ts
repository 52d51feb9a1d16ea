import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { FORMAT_DESCRIPTION } from '../../src/schema/format-description.js';
import { FORMATS, hasPictureEnding, sniffFormat } from '../../src/services/media/format.js';
import { isSrgbProfile } from '../../src/services/media/icc.js';

const picture = () => sharp({ create: { width: 8, height: 8, channels: 3, background: '#ff8000' } });

describe('formats are told by content', () => {
  test.each(['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const)('%s', async (format) => {
    expect(sniffFormat(await picture().toFormat(format).toBuffer())).toBe(format);
  });

  test.each<[string, unknown]>([
    ['', null],
    ['\xff', null],
    ['RIFF\0\0\0\0AVI ', null],
    ['plain text', null],
    ['<!DOCTYPE html><title>no picture</title>', null],
    ['\xef\xbb\xbf <?xml version="1.0"?>\n<!-- x --><svg>', { foreign: 'SVG' }],
    ['\0\0\0\x0cjP  \r\n\x87\n', { foreign: 'JPEG 2000' }],
    ['\xff\x0a', 'jxl'],
    ['\0\0\0\x0cJXL \r\n\x87\n', 'jxl'],
    ['\0\0\0\x14ftypheix\0\0\0\0mif1', 'heic'],
    ['\0\0\0\x10ftypmif1\0\0\0\0    infe    hvc1', 'heic'],
    ['\0\0\0\x10ftypmif1\0\0\0\0    infe    av01', 'avif'],
    ['8BPS\0\x02', 'psd'],
    ['8BPS\0\x03', null],
    ['\0\0\x01\0', 'ico'],
    ['BM', null],
    ['II*\0', 'tiff'],
    ['II*\0\xff\xff\xff\xff', 'tiff'],
    ['\0\0\0\x18ftypmif1\0\0\0\0mif1avif', 'avif'],
    ['\0\0\0\x14ftypisom\0\0\0\0mp41', { foreign: 'video' }],
    ['ftyp', null],
    ['\xff\xff\xff\xffftyp', { foreign: 'video' }],
  ])('%j', (text, expected) => {
    expect(sniffFormat(Buffer.from(text, 'latin1'))).toEqual(expected);
  });
});

test('every list of the formats has all of them', async () => {
  const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
  const page = await read('client-sample/src/lib/picture-formats.ts');
  const pattern = /ENDINGS =\s+\/(.*)\/i;/.exec(await read('client-sample/scripts/lib/pictures.ts'));
  const scripts = new RegExp(pattern?.[1] ?? 'none', 'i');
  const operations = await Promise.all(['docs/operations.md', 'docs/operations.zh-CN.md'].map(read));
  expect(FORMAT_DESCRIPTION.match(/\b[a-z]+[23]?\b(?=,| or|\.|;)/g)).toEqual(
    expect.arrayContaining(Object.keys(FORMATS)),
  );
  for (const [name, { title, endings, inBrowsers }] of Object.entries(FORMATS)) {
    expect(page).toContain(`  ${name}: [${endings.map((ending) => `'${ending}'`).join(', ')}],`);
    const shown = /SHOWN: .*\(\[(.*)\]\)/.exec(page)?.[1] ?? '';
    expect([name, shown.includes(`'${name}'`)]).toEqual([name, inBrowsers]);
    for (const text of operations) expect(text).toContain(title);
    for (const ending of endings) {
      expect(hasPictureEnding(`A.${ending.toUpperCase()}`)).toBe(true);
      expect(scripts.test(`a.${ending}`)).toBe(true);
    }
  }
  expect(['png', '.png', 'a.txt', 'a.'].some(hasPictureEnding)).toBe(false);
});

describe('colour profiles that say sRGB', () => {
  const profile = async (name: string): Promise<Buffer> => {
    const bytes = await picture().withIccProfile(name).jpeg().toBuffer();
    return (await sharp(bytes).metadata()).icc ?? Buffer.alloc(0);
  };

  test('are recognised, others are not', async () => {
    expect(isSrgbProfile(await profile('srgb'))).toBe(true);
    expect(isSrgbProfile(await profile('p3'))).toBe(false);
    expect(isSrgbProfile(await profile('cmyk'))).toBe(false);
  });

  test('damaged ones mean no', async () => {
    const whole = await profile('srgb');
    for (const length of [0, 10, 128, 140, 200]) expect(isSrgbProfile(whole.subarray(0, length))).toBe(false);
    for (let at = 128; at < whole.length; at += 4) {
      const damaged = Buffer.from(whole);
      damaged.writeUInt32BE(0xffffffff, Math.min(at, whole.length - 4));
      expect(typeof isSrgbProfile(damaged)).toBe('boolean');
    }
  });
});
