/** Jumping about in time in a gallery of 100,000: the months of all, and a page from the middle of them. No server. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillGallery, openCatalogOf } from './lib/gallery.mjs';
import { load, machine, round } from './lib/measure.mjs';

const COUNT = Number(process.argv[2] ?? 100_000);
const PAGE = 60;

const dir = await mkdtemp(join(tmpdir(), 'likeness-bench-'));
try {
  await fillGallery(dir, COUNT);
  const { images, close } = await openCatalogOf(dir);
  const months = await images.months({}, 'TAKEN_NEWEST');
  if (months.reduce((sum, { count }) => sum + count, 0) !== COUNT) throw new Error('months are missing');
  const jump = (filter) => async (i) => {
    const { month, cursor } = months[(i * 37) % months.length];
    const page = await images.list({ first: PAGE, after: cursor, orderBy: 'TAKEN_NEWEST', filter });
    if (!filter && !page.edges[0].node.taken.at.toISOString().startsWith(month))
      throw new Error(`the page of ${month} begins elsewhere`);
  };
  const rows = [];
  const report = async (what, run, count) => {
    const { p50, p99 } = await load(run, { count });
    rows.push({ what, 'p50 ms': round(p50), 'p99 ms': round(p99) });
  };
  await report(`the ${months.length} months`, () => images.months({}, 'TAKEN_NEWEST'), 50);
  await report('of 1 % by a tag', () => images.months({ tags: ['group 7'] }, 'TAKEN_NEWEST'), 50);
  await report(`a page of ${PAGE} of any month`, jump(), 300);
  await report('of 1 % by a tag', jump({ tags: ['group 7'] }), 100);
  await report('by shape and size', jump({ orientation: 'LANDSCAPE', minPixels: 1000 }), 100);
  console.log(machine());
  console.table(rows);
  await close();
} finally {
  await rm(dir, { recursive: true, force: true });
}
