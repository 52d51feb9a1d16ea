import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { App } from '../../app.js';
import type { Flags } from '../../config.js';
import { AppError, messageOf } from '../../errors.js';
import { writeAtomically } from '../../lib/atomic-file.js';
import { collect } from '../options.js';
import { formatDuration } from '../output/format.js';
import { NpyWriter } from '../output/npy.js';
import { printJson, printLine } from '../output/output.js';
import { createProgress } from '../output/progress.js';
import { describeLeft, Tally } from '../output/tally.js';
import type { RunCommand } from '../run-command.js';
import { watchInterrupt } from '../running/interrupt.js';
import { withApp } from '../running/with-app.js';

const VECTORS = 'features.npy';
const IDS = 'image_ids.json';

const VECTORS_EXAMPLES = `
Writes two files that belong together; those of an earlier export are replaced:
  ${VECTORS}     one row per picture, float32, each of length 1, shape [pictures, dimensions]
  ${IDS}   the pictures' ids, row by row

Examples:
  $ likeness export vectors
  $ python3 -c "import numpy; print(numpy.load('vectors/${VECTORS}').shape)"
  $ likeness export vectors --space builtin-0123456789ab
`;

const EXAMPLES = `
Examples:
  $ likeness export pictures ~/backup
  $ likeness export vectors
`;

const PICTURES_EXAMPLES = `
Each picture is called as its title; sea.jpg.json beside sea.jpg has what the file itself does not say. An import of the
folder, here or elsewhere, reads it again. No file that is there is overwritten, apart from such JSON files: to continue an
interrupted export, run it again. A picture whose file is missing is reported; the exit code is then 3.

Examples:
  $ likeness export pictures ~/backup
  $ likeness export pictures ~/holiday --tag travel --tag 2024
`;

interface ExportPicturesOptions {
  readonly tag?: readonly string[];
  readonly json?: true;
}

export function addExportCommand(program: Command, run: RunCommand): void {
  const command = program
    .command('export')
    .description('write pictures with their titles, tags and dates, or all vectors, to a folder')
    .addHelpText('after', EXAMPLES);
  command
    .command('pictures')
    .description('write every original, with a JSON file of its title, tags, rating and dates beside it')
    .argument('<folder>', 'where to write them; created if it does not exist')
    .option('-t, --tag <tag>', 'only pictures with this tag; may be given several times', collect)
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', PICTURES_EXAMPLES)
    .action((folder: string, options: ExportPicturesOptions) =>
      run((flags) => exportPicturesTo(folder, options, flags)),
    );
  command
    .command('vectors', { isDefault: true })
    .description('write all vectors to a NumPy file, with the ids of their pictures')
    .argument('[folder]', 'where to write them; created if it does not exist', 'vectors')
    .option(
      '--space <id>',
      "id of the space to export (default: the current model's; status lists the others)",
    )
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', VECTORS_EXAMPLES)
    .action((folder: string, { space, json }: { space?: string; json?: true }) =>
      run(async (flags) => {
        const written = await exportVectors(flags, folder, space);
        if (json === true) await printJson(written);
        else
          await printLine(
            `${written.rows} x ${written.dimension} float32 of space ${written.spaceId} written to ${written.vectors} and ${written.ids}`,
          );
        return 0;
      }),
    );
}

async function exportPicturesTo(
  folder: string,
  { tag, json }: ExportPicturesOptions,
  flags: Flags,
): Promise<number> {
  const { exportPictures } = await import('../../services/gallery/export-pictures.js');
  const interrupt = watchInterrupt(
    'Interrupted: finishing the current picture. Run it again to continue; press Ctrl+C again to end at once.',
  );
  const tally = new Tally(createProgress('exporting'), interrupt.signal);
  await withApp(flags, { readOnly: true, lazyEmbedder: true }, async ({ catalog, media }) => {
    try {
      await exportPictures(folder, tally, { catalog, media, filter: { tags: tag } });
    } finally {
      tally.stop();
    }
  });
  const { total, added, skipped, failed, left, seconds } = tally.counts;
  if (json === true) {
    const interrupted = interrupt.exitCode !== 0;
    const { failures } = tally;
    await printJson({ total, written: added, there: skipped, failed, left, seconds, interrupted, failures });
  } else {
    await printLine(
      `${added} written, ${skipped} already there, ${failed} failed in ${formatDuration(seconds)}${describeLeft(left)}`,
    );
  }
  return interrupt.exitCode !== 0 ? interrupt.exitCode : tally.exitCode;
}

async function exportVectors(flags: Flags, folder: string, space: string | undefined) {
  return withApp(flags, { readOnly: true, lazyEmbedder: true }, async (app) => {
    const { spaceId, dimension } = await findSpace(app, space);
    const [vectors, ids] = [join(folder, VECTORS), join(folder, IDS)];
    try {
      await mkdir(folder, { recursive: true });
      // Both files are complete before either is moved into place.
      const rows = await writeAtomically(ids, (idsFile) =>
        writeAtomically(vectors, async (vectorsFile) => {
          const npy = await NpyWriter.begin(vectorsFile, dimension);
          let separator = '[';
          for await (const page of app.catalog.vectors.pages(spaceId)) {
            await npy.append(page.map(({ vector }) => vector));
            await idsFile.writeFile(separator + page.map(({ id }) => `"${id}"`).join(','));
            separator = ',\n';
          }
          await idsFile.writeFile(separator === '[' ? '[]\n' : ']\n');
          return npy.end();
        }),
      );
      return { rows, dimension, spaceId, vectors, ids };
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw new AppError('STORAGE_FAILED', `The export could not be written: ${messageOf(error)}`, {
        cause: error,
      });
    }
  });
}

/** @throws AppError BAD_USER_INPUT for a space that the catalog does not know */
async function findSpace(
  { catalog, embedder }: App,
  wanted: string | undefined,
): Promise<{ spaceId: string; dimension: number }> {
  const { spaceId, dimension } = embedder.model;
  if (wanted === undefined || wanted === spaceId) return { spaceId, dimension };
  const spaces = await catalog.vectors.spaces();
  const found = spaces.find(({ id }) => id === wanted);
  if (found !== undefined) return { spaceId: found.id, dimension: found.dimension };
  const known = spaces.map(({ id }) => id).join(', ');
  throw new AppError('BAD_USER_INPUT', `There is no space with this id. Known spaces: ${known || 'none'}.`, {
    details: { path: 'space', rule: 'the id of a space' },
  });
}
