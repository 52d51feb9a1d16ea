import { describe, expect, test } from '@jest/globals';
import {
  assertText,
  cleanLine,
  cleanName,
  cutText,
  foldText,
  isText,
  isVisible,
} from '../../src/lib/text.js';

describe('what enters', () => {
  test.each([
    ['\ud800x', false],
    ['x\udc00', false],
    ['\udc00\ud800', false],
    ['a\0b', false],
    ['', true],
    ['😀 naïve 中文', true],
  ])('%j is text: %s', (text, ok) => {
    expect(isText(text)).toBe(ok);
    if (ok) expect(() => assertText(text, 'title')).not.toThrow();
    else expect(() => assertText(text, 'title')).toThrow(/^Expected .* for title$/);
  });

  test.each([
    '',
    ' \u00a0\u3000',
    '\u200b\u200d\ufeff',
    '\u200e\u200f\u202e\u2066',
    '\ufe0f',
    '\u3164\u115f',
    '\u2800',
    '\u0007',
    '\u00ad',
  ])('%j shows nothing', (text) => {
    expect(isVisible(text)).toBe(false);
    expect(cleanLine(text)).toBe('');
  });

  test('a line is NFC, with single blanks and none at the ends', () => {
    expect(cleanLine(' cafe\u0301\t\u3000 noir\u00a0')).toBe('caf\u00e9 noir');
    expect(cleanLine('👨\u200d👩\u200d👧')).toBe('👨\u200d👩\u200d👧');
    expect(cleanName('a\u0000b\u001bc \ud800')).toBe('a b c \ufffd');
  });
});

describe('cutText', () => {
  const family = '👨\u200d👩\u200d👧\u200d👦'; // 11 units, one character

  test('cuts between characters as readers see them', () => {
    expect(cutText('abcdef', 3)).toBe('abc');
    expect(cutText(`ab${family}`, 12)).toBe('ab');
    expect(cutText(`ab${family}`, 13)).toBe(`ab${family}`);
    expect(cutText(`ab${family}c`, 13)).toBe(`ab${family}`);
    expect(cutText('ae\u0301', 2)).toBe('a');
    expect(cutText('🇫🇷🇩🇪🇯🇵', 9)).toBe('🇫🇷🇩🇪');
    expect(cutText('a\r\nb', 2)).toBe('a');
  });

  test('a character that is longer than all there is room for is cut between code points', () => {
    expect(cutText(`z${'\u0301'.repeat(300)}`, 200)).toHaveLength(200);
    expect(cutText(family, 1)).toBe('');
    expect(cutText(family, 4)).toBe('👨\u200d');
  });
});

describe('foldText', () => {
  test.each([
    ['ABC', 'abc'],
    ['ＡＢＣ', 'abc'],
    ['ﬁn', 'fin'],
    ['İstanbul', 'istanbul'],
    ['ISPARTA', 'ısparta'],
    ['Straße', 'STRASSE'],
    ['GROẞ', 'groß'],
    ['ΟΔΟΣ', 'οδος'],
    ['οδοσ', 'οδος'],
    ['cafe\u0301', 'CAFÉ'],
    ['２０２４（夏）', '2024(夏)'],
    ['你好，世界！', '你好,世界!'],
    ['ｶﾞ', 'ガ'],
    ['①', '1'],
    ['a\u00adb\u200bc\ufeff', 'abc'],
    ['❤\ufe0f', '❤'],
  ])('%j and %j are the same', (a, b) => {
    expect(foldText(a)).toBe(foldText(b));
  });

  test('what readers tell apart stays apart', () => {
    const texts = ['cafe', 'café', 'ö', 'oe', '中', '国', 'か', 'が', 'カ', '1', '2'];
    expect(new Set(texts.map(foldText)).size).toBe(texts.length);
  });

  test('of every character of a script with forms: folded twice is folded once, and neither case nor composition matters', () => {
    const wrong: string[] = [];
    for (let point = 0x21; point <= 0x1ffff; point++) {
      if (point >= 0x3400 && point <= 0xdfff) continue; // ideographs, Hangul, surrogates
      const text = `x${String.fromCodePoint(point)}y`;
      const folded = foldText(text);
      const others = [
        folded,
        text.toUpperCase(),
        text.toLowerCase(),
        text.normalize('NFD'),
        text.normalize('NFKC'),
      ];
      if (others.some((other) => foldText(other) !== folded)) wrong.push(point.toString(16));
    }
    expect(wrong).toEqual([]);
  });
});
