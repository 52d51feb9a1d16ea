import { describe, expect, test } from '@jest/globals';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { csvRecord } from '../../src/cli/output/csv.js';
import { formatBytes, formatDuration, printable } from '../../src/cli/output/format.js';
import { NPY_HEADER_BYTES, npyHeader, NpyWriter } from '../../src/cli/output/npy.js';
import { describePace } from '../../src/cli/output/progress.js';
import { printableLines } from '../../src/lib/printable.js';
import { RateMeter } from '../../src/cli/output/rate.js';
import { readNpy } from '../helpers/npy.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

test.each<[readonly (string | number | null)[], string]>([
  [['plain', 1, 0.5, null], 'plain,1,0.5,'],
  [['a,b', 'say "hi"'], '"a,b","say ""hi"""'],
  [['two\nlines', 'cr\rhere'], '"two\nlines","cr\rhere"'],
  [[' padded', 'tail ', ''], '" padded","tail ",'],
])('csvRecord quotes what RFC 4180 wants quoted: %j', (values, record) => {
  expect(csvRecord(values)).toBe(record);
});

test('csvRecord lets no text become a formula of a spreadsheet, and numbers be numbers', () => {
  const texts = [
    '=1+1',
    '+1 and more',
    '-x',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    ' =1',
    '＝1',
    '=cmd|\' /C calc\'!A0,"x"',
  ];
  expect(texts.map((text) => csvRecord([text]))).toEqual([
    "'=1+1",
    "'+1 and more",
    "'-x",
    "'@SUM(A1)",
    "'\t=1",
    '"\'\r=1"',
    "' =1",
    "'＝1",
    '"\'=cmd|\' /C calc\'!A0,""x"""',
  ]);
  expect(csvRecord([-1, 0.5, '-0.25', '-12', 'a=b', '3-2'])).toBe('-1,0.5,-0.25,-12,a=b,3-2');
});

test('sizes and durations as people say them', () => {
  expect([0, 999, 1000, 8324, 999_499, 999_500, 20_971_520, 5e12].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '8.3 kB',
    '999 kB',
    '1.0 MB',
    '21.0 MB',
    '5.0 TB',
  ]);
  expect([0.04, 9.9, 9.96, 59.4, 60, 200, 3599.6, 7500].map(formatDuration)).toEqual([
    '0.0 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1 min 0 s',
    '3 min 20 s',
    '1 h 0 min',
    '2 h 5 min',
  ]);
});

test('names cannot move the cursor of a terminal, begin a line or turn the direction of writing', () => {
  expect(printable('a\x1b[2Jb\nc\r\td\x07\x9b2J\u2028e\u202egpj.exe\ud800')).toBe(
    'a\\e[2Jb\\nc\\r\\td\\x07\\x9b2J\\u2028e\\u202egpj.exe\\ud800',
  );
  expect(printable('Größe 写真 👨‍👩‍👧.jpg')).toBe('Größe 写真 👨‍👩‍👧.jpg');
  expect(printableLines('two\nlines\x1b[1m')).toBe('two\n    lines\\e[1m');
});

describe('the pace', () => {
  test('is that of the last quarter of a minute, not the mean since the start', () => {
    const meter = new RateMeter();
    let done = 0;
    for (let second = 0; second <= 10; second++) meter.record((done += 1000), second * 1000);
    for (let second = 11; second <= 60; second++) meter.record((done += 2), second * 1000);
    expect(meter.rate(done, 60_000)).toBeCloseTo(2, 5);
  });

  test('is unknown at first', () => {
    const meter = new RateMeter();
    expect(meter.rate(0, 0)).toBe(0);
    meter.record(0, 0);
    expect(meter.rate(0, 0)).toBe(0);
    expect(describePace(0, 10)).toBe('');
  });

  test('in words', () => {
    expect(describePace(30.12, 3660)).toBe('30/s, 2 min 2 s left');
    expect(describePace(2.5, 0)).toBe('2.5/s');
    expect(describePace(1.5e6, 9e6, 'bytes')).toBe('1.5 MB/s, 6.0 s left');
  });
});

describe('.npy', () => {
  test('the header is as NumPy writes it: magic, version 1.0, padded to a multiple of 64, a line feed', () => {
    const header = npyHeader([120, 768]);
    expect(header.length % 64).toBe(0);
    expect(header.subarray(0, 8)).toEqual(Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]));
    expect(header.readUInt16LE(8)).toBe(header.length - 10);
    expect(header.toString('latin1', 10)).toMatch(
      /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(120, 768\), \} +\n$/,
    );
    expect(npyHeader([2 ** 32, 65_536])).toHaveLength(NPY_HEADER_BYTES);
  });

  test('rows come page by page, the shape is told at the end', async () => {
    const path = join(await temporaryDir(), 'x.npy');
    const file = await open(path, 'wx');
    const writer = await NpyWriter.begin(file, 3);
    await writer.append([new Float32Array([1, 2, 3]), new Float32Array([4, 5, 6])]);
    await writer.append([new Float32Array([-1, 0.5, 1e-30])]);
    expect(await writer.end()).toBe(3);
    await file.close();
    const { shape, values } = readNpy(await readFile(path));
    expect(shape).toEqual([3, 3]);
    expect([...values]).toEqual([1, 2, 3, 4, 5, 6, -1, 0.5, Math.fround(1e-30)]);
  });

  test('a row of another length is refused', async () => {
    const file = await open(join(await temporaryDir(), 'x.npy'), 'wx');
    const writer = await NpyWriter.begin(file, 3);
    await expect(writer.append([new Float32Array(2)])).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    await file.close();
  });
});
