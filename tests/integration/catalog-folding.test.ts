import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Sqlite } from '../../src/lib/sqlite.js';
import type { Catalog, ImageFilter } from '../../src/services/catalog/types.js';
import { normalizeTags } from '../../src/services/gallery/titles-and-tags.js';
import { addImages, MIGRATIONS_DIR, openTestCatalog } from '../helpers/temp-catalog.js';
import { temporaryDir } from '../helpers/temporary-dir.js';

let dir: string;

beforeEach(async () => {
  dir = await temporaryDir();
});

async function titlesOf(catalog: Catalog, filter: ImageFilter): Promise<string[]> {
  const { edges } = await catalog.images.list({ first: 50, filter, orderBy: 'OLDEST' });
  return edges.map(({ node }) => node.title);
}

describe('one folding for tags and texts', () => {
  let catalog: Catalog;

  beforeEach(async () => {
    catalog = await openTestCatalog(dir);
    for (const title of ['ＡＢＣ', 'ﬁne', 'İzmir', 'Straße', '夏（２０２４）', 'ΟΔΟΣ'])
      await addImages(catalog, [title], { tags: normalizeTags([title], 'tags') });
  });

  test.each([
    ['abc', 'ＡＢＣ'],
    ['ABC', 'ＡＢＣ'],
    ['FINE', 'ﬁne'],
    ['ﬁne', 'ﬁne'],
    ['izmir', 'İzmir'],
    ['IZMIR', 'İzmir'],
    ['STRASSE', 'Straße'],
    ['strasse', 'Straße'],
    ['夏(2024)', '夏（２０２４）'],
    ['οδός'.replace('ό', 'ο'), 'ΟΔΟΣ'],
    ['a\u200bb\u00adc', 'ＡＢＣ'],
  ])('%s finds %s by title, by tag, and by a tag of several', async (asked, title) => {
    expect(await titlesOf(catalog, { text: asked })).toEqual([title]);
    expect(await titlesOf(catalog, { tags: [asked] })).toEqual([title]);
    expect(await titlesOf(catalog, { anyTags: ['nothing', asked] })).toEqual([title]);
    expect((await catalog.images.idsMatching({ tags: [asked] })).size).toBe(1);
    await catalog.close();
  });

  test('a part of a tag is found as well', async () => {
    await addImages(catalog, ['other'], { tags: ['der groẞe'] });
    expect(await titlesOf(catalog, { text: 'GROSSE' })).toEqual(['other']);
    await catalog.close();
  });

  test('the same tag in another form is not a second tag, and goes by any of its forms', async () => {
    const [id] = (await addImages(catalog, ['x'], { tags: ['straße'] })) as [number];
    expect((await catalog.images.tag([id], ['strasse', 'ＳＴＲＡＳＳＥ'], []))[0]?.tags).toEqual(['straße']);
    expect((await catalog.images.tagCounts()).find(({ tag }) => tag.startsWith('stra'))).toEqual({
      tag: 'straße',
      count: 2,
    });
    expect((await catalog.images.tag([id], [], ['STRASSE']))[0]?.tags).toEqual([]);
    await catalog.close();
  });
});

describe('rows of an earlier version', () => {
  /** As it left them: titles folded by toLowerCase, tags told apart by themselves. */
  function oldDatabase(rows: string): void {
    const db = new Sqlite(join(dir, 'likeness.db'));
    db.exec(`CREATE TABLE "_prisma_migrations" ("id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL,
      "finished_at" DATETIME, "migration_name" TEXT NOT NULL, "logs" TEXT, "rolled_back_at" DATETIME,
      "started_at" DATETIME NOT NULL DEFAULT current_timestamp, "applied_steps_count" INTEGER NOT NULL DEFAULT 0)`);
    for (const name of ['20260101000000_init', '20261123000000_repeatable_searches']) {
      const sql = readFileSync(join(MIGRATIONS_DIR, name, 'migration.sql'), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      db.exec(sql);
      db.exec(`INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at)
        VALUES ('${name}', '${checksum}', '${name}', '2026-01-01')`);
    }
    db.exec(rows);
    db.close();
  }

  const image = (id: number, title: string) =>
    `INSERT INTO images VALUES (${id}, 'sha${id}', '${title}', '${title.toLowerCase()}', 1, 1, 'png', 1, '2026-01-01T00:00:00.000+00:00');`;

  test('are found by the new folding, and tags that are now the same become one', async () => {
    oldDatabase(`${image(1, 'ＡＢＣ')} ${image(2, 'plain')}
      INSERT INTO image_tags VALUES (1, 'ａｂｃ'), (1, 'abc'), (1, 'other'), (2, 'ﬁ');`);
    let catalog = await openTestCatalog(dir);
    expect(await titlesOf(catalog, { text: 'abc' })).toEqual(['ＡＢＣ']);
    expect(await titlesOf(catalog, { tags: ['FI'] })).toEqual(['plain']);
    expect((await catalog.images.byIds([1, 2])).map(({ tags }) => tags)).toEqual([['abc', 'other'], ['ﬁ']]);
    expect(await catalog.integrityProblems()).toEqual([]);
    await catalog.close();
    catalog = await openTestCatalog(dir);
    expect(await titlesOf(catalog, { tags: ['ABC'] })).toEqual(['ＡＢＣ']);
    await catalog.close();
  });

  test('of more than a page are all folded, also when only the version of Unicode is another', async () => {
    const titles = Array.from({ length: 2500 }, (_, i) => image(i + 1, `Ｎ${i + 1}`));
    oldDatabase(`BEGIN; ${titles.join('\n')} COMMIT;`);
    let catalog = await openTestCatalog(dir);
    expect((await catalog.images.idsMatching({ text: 'n' })).size).toBe(2500);
    for (const name of ['Ｂ', 'a']) await catalog.albums.create({ name, smart: null }, []);
    await catalog.facts.set('text-folding', '1 unicode 1.0');
    await catalog.close();
    const db = new Sqlite(join(dir, 'likeness.db'));
    db.write("UPDATE images SET titleKey = 'wrong'");
    db.write("UPDATE albums SET nameKey = 'wrong'");
    db.close();
    catalog = await openTestCatalog(dir);
    expect((await catalog.images.idsMatching({ text: 'n2500' })).size).toBe(1);
    const { edges } = await catalog.albums.list({ first: 10 });
    expect(edges.map(({ node }) => node.name)).toEqual(['a', 'Ｂ']);
    await catalog.close();
  });
});

test('a tag that shows nothing is refused, and what is shown is one line in lower case', () => {
  for (const tag of ['', ' ', '\u200b', '\u200e\u200f', '\ufe0f', '\u2800', '\u00ad\u3000'])
    expect(() => normalizeTags([tag], 'tags')).toThrow(
      'Expected 1 to 64 characters, at least one of them visible for tags[0]',
    );
  expect(normalizeTags([' Cafe\u0301\u3000Noir ', 'İzmir', 'ＣＡＦÉ noir'], 'tags')).toEqual([
    'café noir',
    'izmir',
  ]);
  expect(() => normalizeTags(['a\ud800'], 'add')).toThrow('for add[0]');
  expect(() => normalizeTags(['a\u0007b'], 'add')).toThrow('no control characters for add[0]');
});
