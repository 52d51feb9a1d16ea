import { join } from 'node:path';
import type { Command } from 'commander';
import type { App } from '../../app.js';
import { dataDirOf, type Config, type Flags } from '../../config.js';
import { VERSION } from '../../project.js';
import { unreachable } from '../../lib/check.js';
import { lockHolder } from '../../lib/lock-file.js';
import { compareMedia } from '../../services/gallery/media-check.js';
import type { ModelSwitchState } from '../../services/spaces/model-switch.js';
import { readTarget, recordOf } from '../../services/spaces/space-choice.js';
import { spaceStates } from '../../services/spaces/space-states.js';
import type { IndexRecall } from '../../services/vector-index/vector-index.js';
import { formatDuration } from '../output/format.js';
import { printJson, printLine } from '../output/output.js';
import type { RunCommand } from '../run-command.js';
import { ServerClient } from '../running/server-client.js';
import { withApp } from '../running/with-app.js';

const EXAMPLES = `
Examples:
  $ likeness status
  $ likeness status --json | jq .gallery.images
`;

export function addStatusCommand(program: Command, run: RunCommand): void {
  program
    .command('status')
    .description('show what the gallery contains, and its model and index')
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

async function collect(app: App) {
  const { catalog, embedder, index, config } = app;
  const { model } = embedder;
  const images = await catalog.images.count();
  const { size, mode, generation, problem, limitation, recall } = await index.status();
  const heldBy = await lockHolder(join(dataDirOf(config), 'lock'));
  const served = heldBy === null ? undefined : await askServer(config).catch(() => undefined);
  const modelSwitch = served === undefined ? await readSwitch(app, heldBy !== null) : served.modelSwitch;
  const spaces = await spaceStates(catalog, model.spaceId, modelSwitch?.spaceId ?? null);
  return {
    version: VERSION,
    gallery: {
      images,
      tags: (await catalog.images.tagCounts()).length,
      // The rest is shown even if the folder is missing.
      ...(await compareMedia(app).catch(() => ({ unknownFiles: null, missingFiles: null }))),
    },
    model: {
      id: model.id,
      spaceId: model.spaceId,
      dimension: model.dimension,
      inputSize: model.inputSize,
      precision: model.precision,
      description: model.description,
    },
    vectors: {
      have: await catalog.vectors.count(model.spaceId),
      missing: Math.max(0, images - size),
      failed: (await catalog.vectors.coverage(model.spaceId)).failed,
    },
    /** The recall as the running server measured it: a command that only reads measures nothing. */
    index: { size, mode, generation, problem, limitation, recall: served?.index.recall ?? recall },
    modelSwitch,
    spaces,
    /** The process that serves or changes this gallery now. */
    heldBy,
    folders: {
      database: config.databaseUrl.slice('file:'.length),
      media: config.mediaDir,
      index: config.indexDir,
      models: config.modelsDir,
    },
  };
}

/** The change of model in progress or pending; the catalog records it until it is done. */
async function readSwitch({ catalog, modelSwitch, spaces }: App, served: boolean) {
  const recorded = await readTarget(catalog);
  const target =
    recorded ??
    (served || modelSwitch.target === null ? null : { ...recordOf(modelSwitch.target), problem: null });
  if (target === null) return null;
  const { images, vectors, failed } = await catalog.vectors.coverage(target.spaceId);
  return {
    from: spaces.serving.primary.model.id,
    to: target.modelId,
    spaceId: target.spaceId,
    state: target.problem !== null ? 'FAILED' : served ? 'FILLING' : 'WAITING',
    total: images,
    embedded: vectors,
    failed,
    jobId: null,
    secondsLeft: null,
    message: target.problem,
  } satisfies ModelSwitchState;
}

interface Served {
  readonly modelSwitch: ModelSwitchState | null;
  readonly index: { readonly recall: Pick<IndexRecall, 'value' | 'sampleSize' | 'strays'> | null };
}

/** @returns undefined when no server answers */
async function askServer(config: Config): Promise<Served | undefined> {
  const client = await ServerClient.find(config);
  const query =
    '{ status { index { recall { value sampleSize strays measuredAt durationMs } } modelSwitch { from to spaceId state total embedded failed jobId secondsLeft message } } }';
  return (await client?.request<{ status: Served }>(query))?.status;
}

function describe({
  version,
  gallery,
  model,
  vectors,
  index,
  modelSwitch,
  spaces,
  heldBy,
  folders,
}: State): string {
  const rows: (readonly [string, string])[] = [
    ['version', version],
    ['gallery', `${gallery.images} pictures, ${gallery.tags} tags`],
    ...describeFiles(gallery).map((text) => ['files', text] as const),
    ['model', `${model.id}: ${model.dimension} dimensions, ${model.inputSize}, ${model.precision}`],
    ['space', model.spaceId],
    [
      'vectors',
      vectors.missing === 0
        ? `${vectors.have}, none missing`
        : vectors.missing === vectors.failed
          ? `${vectors.have}, and ${vectors.failed} recorded reasons for having none: "likeness verify" names them`
          : `${vectors.have}, ${vectors.missing} missing: "likeness reindex --embed" computes them`,
    ],
    ['index', describeIndex(index)],
    ...(modelSwitch === null ? [] : [['next model', describeSwitch(modelSwitch)] as const]),
    ...spaces
      .filter(({ serving, filling }) => !serving && !filling)
      .map(
        ({ id, vectors }) =>
          ['other space', `${id}: ${vectors} vectors; "likeness models drop ${id}" removes them`] as const,
      ),
    ['in use by', heldBy === null ? 'nobody' : `process ${heldBy.pid} on ${heldBy.host}`],
    ['database', folders.database],
    ['media', folders.media],
    ['index folder', folders.index],
    ['models', folders.models],
  ];
  return rows.map(([name, value]) => `${name.padEnd(13)} ${value}`).join('\n');
}

function describeFiles({ unknownFiles, missingFiles }: State['gallery']): string[] {
  if (unknownFiles === null || missingFiles === null) return ['the media folder cannot be read'];
  return [
    ...(missingFiles === 0
      ? []
      : [`${missingFiles} missing: "likeness verify" names them; importing the same files restores them`]),
    ...(unknownFiles === 0 ? [] : [`${unknownFiles} of no picture: "likeness verify --adopt" adds them`]),
  ];
}

function describeSwitch({
  to,
  state,
  total,
  embedded,
  failed,
  secondsLeft,
  message,
}: ModelSwitchState): string {
  const reasons = failed === 0 ? '' : `, ${failed} cannot have one`;
  const have = `${to}: ${embedded} of ${total} pictures have their vector${reasons}`;
  switch (state) {
    case 'WAITING':
      return `${have}; starting the server or "likeness models use ${to}" continues`;
    case 'FILLING':
    case 'FINISHING':
      return secondsLeft === null ? have : `${have}; ${formatDuration(secondsLeft)} left`;
    case 'FAILED':
      return `${have}; it failed: ${message ?? 'the log says more'}`;
    default:
      return unreachable(state);
  }
}

function describeIndex({ size, mode, generation, problem, limitation, recall }: State['index']): string {
  const kind = mode === 'hnsw' ? 'HNSW graph' : 'every vector is compared';
  const found =
    recall === null || recall.sampleSize === 0
      ? ''
      : `, ${(100 * recall.value).toFixed(1)} % of the nearest found`;
  const notes = [problem, limitation].filter((note) => note !== null);
  return [`${size} vectors, ${kind}${found}, snapshot ${generation}`, ...notes].join('; ');
}
