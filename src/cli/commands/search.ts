import { Option, type Command } from 'commander';
import type { App } from '../../app.js';
import type { Flags } from '../../config.js';
import { AppError } from '../../errors.js';
import { inMemory } from '../../lib/byte-budget.js';
import { noteSwitchDue } from '../output/note-switch.js';
import { note, print } from '../output/output.js';
import { collect, integerBetween, numberBetween } from '../options.js';
import { mapOrdered } from '../running/ordered.js';
import type { RawPath } from '../../services/gallery/import/raw-path.js';
import { rawPicturesBelow } from '../running/pictures-below.js';
import type { RunCommand } from '../run-command.js';
import { describeFailure, failureOf } from '../output/report-error.js';
import { printable } from '../output/format.js';
import {
  jsonLines,
  matchRecords,
  queryRecords,
  table,
  type QueryResult,
  type ResultFormat,
} from '../output/search-results.js';
import { withApp } from '../running/with-app.js';
import { SOME_FAILED } from '../exit-codes.js';
import { primaryOf } from '../../services/search/query.js';

const STDIN = '-';

const EXAMPLES = `
Formats:
  a table      for people, the default
  --json       one JSON object per query, each on its own line: { query, matches: [...] } or { query, error }
  --csv        one record per match: query, rank, similarity, id, title, ...
  --batch      one line per query, written as it is answered, in the order of the file names: JSON lines, or with
               --csv one record per query: query, error, matches, id_1, similarity_1, title_1, id_2, ..., strength_1, ...

Similarity is from 0 to 1 (1: the same picture). Its meaning differs from model to model; the strength states it: COPY,
VERY_SIMILAR, SIMILAR or WEAK, or nothing if there are too few pictures to tell.

Examples:
  $ likeness search photo.jpg
  $ likeness search a.jpg b.png --top-k 3 --json | jq '.matches[0].file'
  $ likeness search photo.jpg --tag beach --min-similarity 0.6
  $ likeness search --batch new-photos --csv > answers.csv
  $ curl -s https://example.org/photo.jpg | likeness search -
`;

interface SearchCommandOptions {
  readonly topK: number;
  readonly minSimilarity: number;
  readonly tag?: readonly string[];
  readonly json?: true;
  readonly csv?: true;
  readonly batch?: string;
}

export function addSearchCommand(program: Command, run: RunCommand): void {
  program
    .command('search')
    .description('find gallery pictures that look like the given ones')
    .argument('[file...]', 'picture files to search by; - reads one from standard input')
    .option('-k, --top-k <number>', 'maximum number of matches per query', integerBetween(1, 1000), 10)
    .option('-m, --min-similarity <number>', 'minimum similarity, 0 to 1', numberBetween(0, 1), 0)
    .option('-t, --tag <tag>', 'only pictures with this tag; given several times, with all of them', collect)
    .addOption(new Option('--json', 'print JSON').conflicts('csv'))
    .addOption(new Option('--csv', 'print CSV'))
    .option('--batch <folder>', 'search by every picture below a folder')
    .addHelpText('after', EXAMPLES)
    .action((files: string[], options: SearchCommandOptions) =>
      run((flags) => search(files, options, flags)),
    );
}

async function search(
  files: readonly string[],
  options: SearchCommandOptions,
  flags: Flags,
): Promise<number> {
  const batch = options.batch === undefined ? [] : await rawPicturesBelow(options.batch, 'batch');
  const queries = [...files, ...batch];
  if (files.length === 0 && options.batch === undefined) {
    throw new AppError('BAD_USER_INPUT', 'Expected a picture file to search by, or --batch <folder>.');
  }
  const format = formatOf(options);
  return withApp(flags, { readOnly: true }, async (app) => {
    noteSwitchDue(app);
    await warnOfMissing(app);
    await print(format.head);
    let failed = 0;
    const answers = mapOrdered(queries, app.concurrency, (query) => answer(app, query, options));
    for await (const result of answers) {
      if ('error' in result) {
        failed++;
        note(`${printable(result.query)}: ${describeFailure(result.error)}`);
      }
      await print(format.result(result));
    }
    return failed > 0 ? SOME_FAILED : 0;
  });
}

function formatOf({ json, csv, batch, topK }: SearchCommandOptions): ResultFormat {
  if (csv === true) return batch === undefined ? matchRecords : queryRecords(topK);
  return json === true || batch !== undefined ? jsonLines : table;
}

/** One query; a failure is part of the result, so that the others go on. */
async function answer(app: App, path: RawPath, options: SearchCommandOptions): Promise<QueryResult> {
  const query = typeof path === 'string' ? path : path.toString(); // for display
  const { topK, minSimilarity, tag = [] } = options;
  try {
    const bytes = await readBytes(path, app.config.maxUploadBytes);
    const found = await app.search.search(
      { file: inMemory(bytes) },
      { topK, minSimilarity, filter: { tags: tag } },
      null,
    );
    const matches = found.matches.map((match) => ({
      ...match,
      file: app.media.path(match.image.sha256, match.image.format),
    }));
    return { query, answer: found, matches, model: primaryOf(found.query).model };
  } catch (error) {
    return { query, error: failureOf(error) };
  }
}

/** Never reads much more than the limit: a film given by mistake must not fill the memory. */
async function readBytes(path: RawPath, maxBytes: number): Promise<Uint8Array> {
  const { readPicture } = await import('../../services/gallery/import/read-picture.js');
  if (path !== STDIN) return readPicture(path, { maxBytes, followLinks: true });
  const { assertByteSize } = await import('../../services/gallery/ingest.js');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    if ((bytes += chunk.byteLength) > maxBytes) break;
  }
  assertByteSize(bytes, maxBytes);
  return Buffer.concat(chunks);
}

async function warnOfMissing({ catalog, embedder, index }: App): Promise<void> {
  const images = await catalog.images.count();
  const missing = images - (await index.size());
  if (images === 0) note('The gallery is empty: add pictures with "likeness import <folder>".');
  else if (missing > 0) {
    note(
      `${missing} of ${images} pictures have no vector from the model ${embedder.model.id} and are not found: ` +
        'run "likeness reindex --embed", or start the server once.',
    );
  }
}
