import type { Command } from 'commander';
import type { Flags } from '../../config.js';
import type { AlbumRow } from '../../services/catalog/album-types.js';
import { count } from '../output/format.js';
import { note, printJson, printLine } from '../output/output.js';
import type { RunCommand } from '../run-command.js';
import { withApp } from '../running/with-app.js';

const PAGE = 500;

export function addAlbumCommand(program: Command, run: RunCommand): void {
  const album = program.command('album').description('named lists of pictures, and saved searches');
  album
    .command('list')
    .description('list the albums by name; the web page and the API make and change them')
    .option('--json', 'print them as JSON')
    .action(({ json }: { readonly json?: true }) => run((flags) => list(flags, json === true)));
}

async function list(flags: Flags, json: boolean): Promise<number> {
  const albums = await withApp(flags, { readOnly: true, lazyEmbedder: true }, async ({ catalog }) => {
    const all: AlbumRow[] = [];
    for (let after: string | undefined; ;) {
      const page = await catalog.albums.list({ first: PAGE, after });
      all.push(...page.edges.map(({ node }) => node));
      if (!page.hasNextPage) return all;
      after = page.edges.at(-1)?.cursor;
    }
  });
  if (json) await printJson(albums.map(factsOf));
  else if (albums.length === 0) note('There are no albums.');
  else for (const album of albums) await printLine(describe(album));
  return 0;
}

/** What a saved search finds is known when somebody looks, not here. */
const factsOf = ({ id, name, smart, count: pictures, createdAt, updatedAt }: AlbumRow) => ({
  id: `album-${id}`,
  name,
  smart: smart !== null,
  pictures: smart === null ? pictures : null,
  createdAt,
  updatedAt,
});

function describe(album: AlbumRow): string {
  const { id, name, pictures } = factsOf(album);
  return `${id}  ${name}  ${pictures === null ? 'smart' : count(pictures, 'picture')}`;
}
