import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { App } from '../../app.js';
import type { Flags } from '../../config.js';
import { AppError, messageOf } from '../../errors.js';
import { writeAtomically } from '../../lib/atomic-file.js';
import { NpyWriter } from '../output/npy.js';
import { printJson, printLine } from '../output/output.js';
import type { RunCommand } from '../run-command.js';
import { withApp } from '../running/with-app.js';

const VECTORS = 'features.npy';
const IDS = 'image_ids.json';

const EXAMPLES = `
Writes two files that belong together; those of an earlier export are replaced:
  ${VECTORS}     one row per picture, float32, each of length 1, shape [pictures, dimensions]
  ${IDS}   the pictures' ids, row by row

Examples:
  $ likeness export vectors
  $ python3 -c "import numpy; print(numpy.load('vectors/${VECTORS}').shape)"
  $ likeness export vectors --space builtin-0123456789ab
`;

export function addExportCommand(program: Command, run: RunCommand): void {
  program
    .command('export')
    .description('write all vectors to a NumPy file, with the ids of their pictures')
    .argument('<folder>', 'where to write them; created if it does not exist')
    .option(
      '--space <id>',
      "id of the space to export (default: the current model's; status lists the others)",
    )
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', EXAMPLES)
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
