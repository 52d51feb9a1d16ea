/**
 * Searches by every picture of a folder and writes the matches as CSV.
 *
 *     npx tsx scripts/search-folder.ts ~/Desktop/unknown > matches.csv
 */
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { graphql } from '../src/gql';
import { DEFAULT_URL, folderOf, run } from './lib/command-line';
import { Likeness, pictureFile } from './lib/likeness';
import { picturesBelow } from './lib/pictures';

/** Pictures in one request; the server takes up to 64. */
const BATCH = 16;

const SearchFolderDocument = graphql(`
  query SearchFolder($images: [Upload!]!, $topK: Int!, $minSimilarity: Float!) {
    searchByImages(images: $images, topK: $topK, minSimilarity: $minSimilarity) {
      index
      result {
        matches {
          rank
          similarity
          image {
            id
            title
            url
          }
        }
      }
      error {
        code
        message
      }
    }
  }
`);

const cell = (value: string | number): string => {
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
const line = (...cells: readonly (string | number)[]): string => `${cells.map(cell).join(',')}\n`;

run(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      url: { type: 'string', default: DEFAULT_URL },
      'top-k': { type: 'string', default: '5' },
      'min-similarity': { type: 'string', default: '0' },
    },
  });
  const folder = folderOf(
    positionals,
    'search-folder.ts <folder> [--top-k 5] [--min-similarity 0] [--url …]',
  );
  const server = new Likeness(values.url);
  const paths = await picturesBelow(folder);
  let failed = 0;

  process.stdout.write(line('file', 'rank', 'similarity', 'id', 'title', 'url'));
  for (let start = 0; start < paths.length; start += BATCH) {
    const batch = paths.slice(start, start + BATCH);
    const { searchByImages } = await server.request(SearchFolderDocument, {
      images: await Promise.all(batch.map(pictureFile)),
      topK: Number(values['top-k']),
      minSimilarity: Number(values['min-similarity']),
    });
    for (const { index, result, error } of searchByImages) {
      const file = relative(folder, batch[index] ?? '');
      if (error) {
        failed++;
        process.stderr.write(`${file}: ${error.code}: ${error.message}\n`);
      }
      for (const { rank, similarity, image } of result?.matches ?? [])
        process.stdout.write(
          line(file, rank, similarity.toFixed(4), image.id, image.title, new URL(image.url, values.url).href),
        );
    }
    process.stderr.write(`${Math.min(start + BATCH, paths.length)} of ${paths.length}\n`);
  }
  return failed > 0 ? 3 : 0;
});
