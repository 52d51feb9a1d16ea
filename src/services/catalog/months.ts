import { encodeCursor } from '../../lib/cursor.js';
import { Prisma } from './generated/client.js';
import { conditionsOf, where } from './filter.js';
import type { Reader } from './reader.js';
import type { CameraCountRow, ImageFilter, MonthRow, TakenOrder } from './types.js';

/** Without a filter this reads only an index. */
export async function months(reader: Reader, filter: ImageFilter, orderBy: TakenOrder): Promise<MonthRow[]> {
  const direction = orderBy === 'TAKEN_NEWEST' ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  const rows = await reader.rows<{ month: string; count: number }>(Prisma.sql`
    SELECT substr(i.takenKey, 1, 7) AS month, count(*) AS count FROM images AS i ${where(conditionsOf(filter))}
    GROUP BY month ORDER BY month ${direction}`);
  return rows.map((row) => ({ ...row, cursor: encodeCursor(orderBy, beforeMonth(row.month, orderBy)) }));
}

/**
 * A place in the order of time that no picture has: keys begin with year and month, so what is no longer than these sorts
 * before all keys of its month and behind all of the month before.
 */
function beforeMonth(month: string, orderBy: TakenOrder): { key: string; id: number } {
  return { key: orderBy === 'TAKEN_OLDEST' ? month : following(month), id: 1 };
}

function following(month: string): string {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return number === 12
    ? `${String(year + 1).padStart(4, '0')}-01`
    : `${month.slice(0, 5)}${String(number + 1).padStart(2, '0')}`;
}

export function cameraCounts(reader: Reader): Promise<CameraCountRow[]> {
  return reader.rows<CameraCountRow>(Prisma.sql`
    SELECT camera, count(*) AS count FROM images WHERE camera IS NOT NULL GROUP BY camera ORDER BY count DESC, camera`);
}
