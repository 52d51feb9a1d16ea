/**
 * Adds every picture of a folder over the API, tagged with the names of the folders it lies in and with what is given.
 *
 *     npx tsx scripts/import-folder.ts ~/Pictures --tag family --tag 2026
 */
import { dirname, parse, relative, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { graphql } from '../src/gql';
import { DEFAULT_URL, folderOf, run } from './lib/command-line';
import { concurrently } from './lib/concurrently';
import { Likeness, LikenessError, pictureFile } from './lib/likeness';
import { picturesBelow } from './lib/pictures';

const ImportPictureDocument = graphql(`
  mutation ImportPicture($image: Upload!, $title: String!, $tags: [String!]!) {
    addToGallery(image: $image, title: $title, tags: $tags) {
      created
      image {
        id
      }
    }
  }
`);

run(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      url: { type: 'string', default: DEFAULT_URL },
      tag: { type: 'string', multiple: true, default: [] },
      concurrency: { type: 'string', default: '4' },
    },
  });
  const folder = folderOf(positionals, 'import-folder.ts <folder> [--tag …] [--concurrency 4] [--url …]');
  const server = new Likeness(values.url);
  const paths = await picturesBelow(folder);
  const counts = { added: 0, there: 0, failed: 0 };

  await concurrently(paths, Number(values.concurrency), async (path) => {
    const inner = relative(folder, path);
    const folders = dirname(inner)
      .split(sep)
      .filter((name) => name !== '.');
    try {
      const { addToGallery } = await server.request(ImportPictureDocument, {
        image: await pictureFile(path),
        title: parse(path).name,
        tags: [...values.tag, ...folders],
      });
      counts[addToGallery.created ? 'added' : 'there']++;
    } catch (error) {
      if (!(error instanceof LikenessError)) throw error; // no server: the next picture will not fare better
      counts.failed++;
      process.stderr.write(`${inner}: ${error.code}: ${error.message}\n`);
    }
  });
  process.stdout.write(`${counts.added} added, ${counts.there} were there, ${counts.failed} failed\n`);
  return counts.failed > 0 ? 3 : 0;
});
