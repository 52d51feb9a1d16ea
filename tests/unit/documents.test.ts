import { describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { anchors, codeBlocks, headings, linkTargets, withoutComments } from '../helpers/markdown.js';

const ROOT = resolve(import.meta.dirname, '..', '..');
const inFolder = (folder: string): string[] =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const PAGES = [
  ...['', 'docs', 'docs/decisions'].flatMap(inFolder),
  'client-sample/README.md',
  'models/README.md',
  'index/README.md',
];
const CHINESE = PAGES.filter((page) => page.endsWith('.zh-CN.md'));
/** The largest picture of a page; a reader's connection may be slow. */
const MAX_PICTURE_BYTES = 300_000;

const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');
const englishOf = (page: string): string => page.replace('.zh-CN', '');
const chineseOf = (page: string): string => page.replace(/\.md$/, '.zh-CN.md');

/** What a link of the page leads to in the project; null when it leads elsewhere. */
function targetOf(page: string, link: string): { readonly path: string; readonly anchor: string } | null {
  if (/^[a-z]+:/.test(link)) return null;
  const [path = '', anchor = ''] = link.split('#');
  return {
    path: path === '' ? page : relative(ROOT, resolve(ROOT, dirname(page), path)),
    anchor: decodeURIComponent(anchor),
  };
}

function whatIsWrong(page: string, link: string): string | null {
  const target = targetOf(page, link);
  if (target === null) return null;
  if (!existsSync(join(ROOT, target.path))) return `${link}: there is no ${target.path}`;
  if (target.anchor !== '' && !anchors(read(target.path)).has(target.anchor))
    return `${link}: ${target.path} has no such heading`;
  return null;
}

describe('the documents', () => {
  test.each(['README.md', 'README.zh-CN.md'])('%s is at most 160 lines', (page) => {
    expect(read(page).trimEnd().split('\n').length).toBeLessThanOrEqual(160);
  });

  test.each(['README.md', 'README.zh-CN.md'])('%s begins with what it is, and a picture', (page) => {
    const [title, what = '', picture] = read(page).split('\n\n');
    expect(title).toBe('# Likeness');
    expect(what.match(/[.。](?=\s|$)|。/g)).toHaveLength(2);
    expect(picture).toMatch(/^!\[.+\]\(docs\/images\/.+\)$/);
  });

  test.each(PAGES)('every link of %s leads somewhere', (page) => {
    expect(linkTargets(read(page)).flatMap((link) => whatIsWrong(page, link) ?? [])).toEqual([]);
  });

  test('a link to nothing is noticed, and so is one to a heading that is not there', () => {
    expect(whatIsWrong('docs/api.md', 'nothing.md')).toContain('there is no docs/nothing.md');
    expect(whatIsWrong('docs/api.md', 'cli.md#nothing')).toContain('no such heading');
    expect(whatIsWrong('docs/api.zh-CN.md', '#图谱')).toBeNull();
  });

  test('pictures are small', () => {
    for (const name of readdirSync(join(ROOT, 'docs/images')))
      expect([name, statSync(join(ROOT, 'docs/images', name)).size < MAX_PICTURE_BYTES]).toEqual([
        name,
        true,
      ]);
  });
});

describe('in Chinese', () => {
  test('there are the README and the pages that a user needs', () => {
    expect(CHINESE).toEqual(
      expect.arrayContaining(
        ['README', 'docs/api', 'docs/cli', 'docs/clients', 'docs/operations'].map(
          (name) => `${name}.zh-CN.md`,
        ),
      ),
    );
  });

  test.each(CHINESE)('%s has the sections, the examples and the tables of the English page', (page) => {
    const [chinese, english] = [read(page), read(englishOf(page))];
    const levels = (text: string): number[] => headings(text).map(({ level }) => level);
    const examples = (text: string): string[] => codeBlocks(text).map(withoutComments);
    const rows = (text: string): number => text.split('\n').filter((line) => line.startsWith('| ')).length;
    expect(levels(chinese)).toEqual(levels(english));
    expect(examples(chinese)).toEqual(examples(english));
    expect(rows(chinese)).toBe(rows(english));
  });

  test.each(CHINESE)('%s and the English page lead to each other', (page) => {
    const paths = (of: string): string[] =>
      linkTargets(read(of)).map((link) => targetOf(of, link)?.path ?? '');
    expect(paths(page)).toContain(englishOf(page));
    expect(paths(englishOf(page))).toContain(page);
  });

  test.each(CHINESE)('%s leads to Chinese pages where there are any', (page) => {
    const toEnglish = linkTargets(read(page)).filter((link) => {
      const path = targetOf(page, link)?.path;
      return path !== undefined && path !== englishOf(page) && CHINESE.includes(chineseOf(path));
    });
    expect(toEnglish).toEqual([]);
  });
});
