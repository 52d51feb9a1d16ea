import { expect, test } from '@jest/globals';
import { titleOfFile } from '../../src/services/gallery/titles-and-tags.js';

test('the title of a file is one line, well-formed, and cut between characters', () => {
  expect(titleOfFile('cafe\u0301\n2024\u001b[31m')).toBe('café 2024 [31m');
  expect(titleOfFile('\ud800')).toBe('\ufffd');
  expect(titleOfFile('\u200b')).toBe('');
  expect(titleOfFile('some/where/IMG_2.HEIC')).toBe('IMG_2');
  expect(titleOfFile('no.1 of 2.jpg')).toBe('no.1 of 2');
  expect(titleOfFile('blob')).toBe('');
  expect(titleOfFile('')).toBe('');
  expect(titleOfFile(`${'x'.repeat(199)}👨\u200d👩\u200d👧`)).toBe('x'.repeat(199));
  expect(titleOfFile(`${'x'.repeat(199)} y`)).toBe('x'.repeat(199));
});
