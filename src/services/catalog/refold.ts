import { FOLDING_VERSION, foldText, naturalKey } from '../../lib/text.js';
import type { Logger } from '../../logger.js';
import type { Connection } from './connection.js';

const META_FOLDING = 'text-folding';
const PAGE = 1000;

type Execute = ReturnType<Connection['begin']>['execute'];

/**
 * Folds every title, tag and album name again if they were folded differently: by an older version of Likeness, or by a
 * Node.js with another version of Unicode. All in one transaction.
 */
export function refold(connection: Connection, logger: Logger): void {
  const current = `${FOLDING_VERSION} unicode ${process.versions.unicode ?? '?'}`;
  const { rows } = connection.execute('SELECT value FROM meta WHERE key = ?', [META_FOLDING]);
  if (rows[0]?.[0] === current) return;
  const transaction = connection.begin();
  try {
    const titles =
      refoldColumn(transaction.execute, 'images', 'title', { titleKey: foldText, titleOrder: naturalKey }) +
      refoldColumn(transaction.execute, 'albums', 'name', { nameKey: foldText });
    const tags = refoldTags(transaction.execute);
    transaction.execute(
      'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
      [META_FOLDING, current],
    );
    transaction.commit();
    if (titles + tags > 0) logger.info({ titles, tags }, 'titles and tags are compared in a new way');
  } finally {
    transaction.rollback();
  }
}

/** @param keys columns that are made of the text, and how */
function refoldColumn(
  execute: Execute,
  table: 'images' | 'albums',
  column: 'title' | 'name',
  keys: Readonly<Record<string, (text: string) => string>>,
): number {
  const names = Object.keys(keys);
  const sets = names.map((name) => `${name} = ?`).join(', ');
  let changed = 0;
  for (let after = 0n; ;) {
    const { rows } = execute(
      `SELECT id, ${column}, ${names.join(', ')} FROM ${table} WHERE id > ? ORDER BY id LIMIT ?`,
      [after, PAGE],
    );
    for (const [id, text, ...before] of rows as [bigint, string, ...string[]][]) {
      after = id;
      const now = Object.values(keys).map((keyOf) => keyOf(text));
      if (now.every((key, i) => key === before[i])) continue;
      execute(`UPDATE ${table} SET ${sets} WHERE id = ?`, [...now, id]);
      changed++;
    }
    if (rows.length < PAGE) return changed;
  }
}

/** If tags become equal, the first one stays. */
function refoldTags(execute: Execute): number {
  const { rows } = execute('SELECT DISTINCT key, tag FROM image_tags ORDER BY tag');
  const wrong = (rows as [string, string][]).filter(([key, tag]) => foldText(tag) !== key);
  for (const [key, tag] of wrong) {
    execute('UPDATE OR IGNORE image_tags SET key = ? WHERE key = ? AND tag = ?', [foldText(tag), key, tag]);
    execute('DELETE FROM image_tags WHERE key = ? AND tag = ?', [key, tag]);
  }
  return wrong.length;
}
