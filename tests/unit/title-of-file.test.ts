import { expect, test } from '@jest/globals';
import { titleOfFile } from '../../src/services/gallery/ingest.js';

test('the title of a file is one line, well-formed, and cut between characters', () => {
  expect(titleOfFile('cafe\u0301\n2024\u001b[31m')).toBe('café 2024 [31m');
  expect(titleOfFile('\ud800')).toBe('\ufffd');
  expect(titleOfFile('\u200b')).toBe('');
  expect(titleOfFile(`${'x'.repeat(199)}👨\u200d👩\u200d👧`)).toBe('x'.repeat(199));
  expect(titleOfFile(`${'x'.repeat(199)} y`)).toBe('x'.repeat(199));
});
