import { join } from 'node:path';
import type { Command } from 'commander';
import type { App } from '../../app.js';
import { dataDirOf, VERSION, type Flags } from '../../config.js';
import { lockHolder } from '../../lib/lock-file.js';
import { printJson, printLine } from '../output.js';
import type { RunCommand } from '../program.js';
import { withApp } from '../with-app.js';

const EXAMPLES = `
Examples:
  $ likeness status
  $ likeness status --json | jq .gallery.images
`;

export function addStatusCommand(program: Command, run: RunCommand): void {
  program
    .command('status')
    .description('say what the gallery holds, with which model and index')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(({ json }: { json?: true }) => run((flags) => status(flags, json === true)));
}

async function status(flags: Flags, json: boolean): Promise<number> {
  const state = await withApp(flags, { readOnly: true, lazyEmbedder: true }, collect);
  if (json) await printJson(state);
  else await printLine(describe(state));
  return 0;
}

type State = Awaited<ReturnType<typeof collect>>;

async function collect({ catalog, embedder, index, config }: App) {
  const { model } = embedder;
  const images = await catalog.countImages();
  const { size, mode, generation, problem } = index.status();
  const spaces = [];
  for (const { id, modelId, dimension } of await catalog.spaces())
    spaces.push({ id, modelId, dimension, vectors: await catalog.countVectors(id) });
  return {
    version: VERSION,
    gallery: { images, tags: (await catalog.tagCounts()).length },
    model: {
      id: model.id,
      spaceId: model.spaceId,
      dimension: model.dimension,
      inputSize: model.inputSize,
      precision: model.precision,
      description: model.description,
    },
    vectors: {
      have: await catalog.countVectors(model.spaceId),
      missing: Math.max(0, images - size),
      failed: await catalog.countFailures(model.spaceId),
    },
    index: { size, mode, generation, problem },
    spaces,
    /** The process that serves or changes this gallery now. */
    heldBy: await lockHolder(join(dataDirOf(config), 'lock')),
    folders: {
      database: config.databaseUrl.slice('file:'.length),
      media: config.mediaDir,
      index: config.indexDir,
      models: config.modelsDir,
    },
  };
}

function describe({ version, gallery, model, vectors, index, spaces, heldBy, folders }: State): string {
  const rows: (readonly [string, string])[] = [
    ['version', version],
    ['gallery', `${gallery.images} pictures, ${gallery.tags} tags`],
    ['model', `${model.id}: ${model.dimension} dimensions, ${model.inputSize}, ${model.precision}`],
    ['space', model.spaceId],
    [
      'vectors',
      vectors.missing === 0
        ? `${vectors.have}, none missing`
        : `${vectors.have}, ${vectors.missing} missing: "likeness reindex --embed" makes them`,
    ],
    ['index', describeIndex(index)],
    ...spaces
      .filter(({ id }) => id !== model.spaceId)
      .map(({ id, vectors }) => ['other space', `${id}: ${vectors} vectors`] as const),
    ['in use by', heldBy === null ? 'nobody' : `process ${heldBy.pid} on ${heldBy.host}`],
    ['database', folders.database],
    ['media', folders.media],
    ['index folder', folders.index],
    ['models', folders.models],
  ];
  return rows.map(([name, value]) => `${name.padEnd(13)} ${value}`).join('\n');
}

function describeIndex({ size, mode, generation, problem }: State['index']): string {
  const kind = mode === 'hnsw' ? `HNSW graph, snapshot ${generation}` : 'exact search';
  return `${size} vectors, ${kind}${problem === null ? '' : `; ${problem}`}`;
}
