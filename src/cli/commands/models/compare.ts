import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { median } from '../../../lib/median.js';
import type { Command } from 'commander';
import { loadConfig, readEnvironment, type Config, type Flags } from '../../../config.js';
import { AppError } from '../../../errors.js';
import { createLogger } from '../../../logger.js';
import type { SpaceComparison } from '../../../model-tools/compare-spaces.js';
import type { Model } from '../../../services/embedding/model.js';
import { count, printable } from '../../output/format.js';
import { watchInterrupt, type Interrupt } from '../../running/interrupt.js';
import { integerBetween } from '../../options.js';
import { mapOrdered } from '../../running/ordered.js';
import { note, printJson, printLine } from '../../output/output.js';
import { picturesBelow } from '../../running/pictures-below.js';
import { createProgress } from '../../output/progress.js';
import type { RunCommand } from '../../run-command.js';
import { readFailure } from '../../running/read-failure.js';
import { describeFailure, failureOf } from '../../output/report-error.js';
import { noSuchModel } from './verify.js';
import { SOME_FAILED } from '../../exit-codes.js';

/** One in the model while the next ones are read and decoded. */
const UNDER_WAY = 3;

const EXAMPLES = `
The cosine compares the two vectors of each picture: 1 means that they are equal. It is meaningful only for models that
share a space except for rounding, such as a model and its int8 form. The overlap shows the effect on searches: how many
of the 10 nearest pictures of each picture, within the folder, are the same for both models.

Examples:
  $ likeness models compare dinov2-base dinov2-base-int8 --images ~/Pictures
  $ likeness models compare dinov2-small dinov2-base --images ~/Pictures --limit 500 --json
`;

interface CompareOptions {
  readonly images: string;
  readonly limit: number;
  readonly json?: true;
}

export function addCompareCommand(models: Command, run: RunCommand): void {
  models
    .command('compare')
    .description('compare two models on the same pictures')
    .argument('<a>', 'a model that is installed')
    .argument('<b>', 'another one to compare it with')
    .requiredOption('--images <folder>', 'the pictures')
    .option(
      '--limit <number>',
      'maximum number of pictures, spread over the folder',
      integerBetween(2, 20_000),
      1000,
    )
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action((a: string, b: string, options: CompareOptions) =>
      run((flags) => compare([a, b], options, flags)),
    );
}

async function compare(
  ids: readonly [string, string],
  { images, limit, json }: CompareOptions,
  flags: Flags,
): Promise<number> {
  const { compareSpaces } = await import('../../../model-tools/compare-spaces.js');
  const { listModels, loadModel } = await import('../../../services/embedding/model.js');
  const config = loadConfig({ LOG_LEVEL: 'warn', ...readEnvironment() }, flags);
  const installed = await listModels(config.modelsDir);
  const models: Model[] = [];
  for (const id of ids) {
    if (!installed.includes(id)) throw noSuchModel(id, config.modelsDir, installed);
    models.push(await loadModel(join(config.modelsDir, id)));
  }
  const files = spread(await picturesBelow(images, 'images'), limit);
  if (files.length === 0) throw new AppError('BAD_USER_INPUT', `There are no pictures in ${images}.`);

  const interrupt = watchInterrupt('Interrupted: nothing is compared.');
  const embedded: Embedded[] = [];
  for (const model of models) {
    embedded.push(await embedAll(model, files, config, interrupt));
    if (interrupt.exitCode !== 0) return interrupt.exitCode;
  }
  const [a, b] = embedded as [Embedded, Embedded];
  const both = files.filter((file) => a.vectors.has(file) && b.vectors.has(file));
  const failed = files.length - both.length;
  if (both.length === 0) throw new AppError('IMAGE_UNREADABLE', 'None of the pictures could be embedded.');
  const vectorsOf = ({ vectors }: Embedded): Float32Array[] =>
    both.map((file) => vectors.get(file) as Float32Array);
  const outcome = compareSpaces(vectorsOf(a), vectorsOf(b));
  const described = models.map(({ info: { id, dimension, precision, spaceId } }, i) => ({
    id,
    dimension,
    precision,
    spaceId,
    embedMs: Math.round(10 * embedded[i]!.medianMs) / 10,
  }));
  if (json === true) await printJson({ models: described, failed, ...outcome });
  else {
    for (const { id, dimension, precision, embedMs } of described)
      await printLine(`${id}: ${dimension} numbers, ${precision}, ${embedMs} ms per picture`);
    await printLine(describe(outcome));
  }
  return failed > 0 ? SOME_FAILED : 0;
}

function describe({ pictures, cosine, overlap }: SpaceComparison): string {
  const lines = [`compared on ${count(pictures, 'picture')}`];
  if (cosine === null) lines.push('cosine      none: their vectors are of different lengths');
  else lines.push(`cosine      median ${cosine.median.toFixed(5)}, min ${cosine.min.toFixed(5)}`);
  if (overlap === null) lines.push('overlap     none: at least three pictures are needed');
  else {
    const share = (value: number): string => `${(100 * value).toFixed(1)} %`;
    lines.push(
      `overlap     of the ${overlap.neighbours} nearest pictures ${share(overlap.mean)} are the same, ` +
        `${share(overlap.min)} for the picture they differ on most`,
    );
  }
  return lines.join('\n');
}

interface Embedded {
  readonly vectors: ReadonlyMap<string, Float32Array>;
  /** Time in the model. */
  readonly medianMs: number;
}

/** With one worker on all cores: two models must not compete while they are timed. */
async function embedAll(
  model: Model,
  files: readonly string[],
  config: Config,
  { signal }: Interrupt,
): Promise<Embedded> {
  const { openEmbedder } = await import('../../../services/embedding/embedder.js');
  const { assertByteSize } = await import('../../../services/gallery/ingest.js');
  const embedder = await openEmbedder({
    model,
    workers: 1,
    threads: config.embedThreads,
    maxQueue: UNDER_WAY,
    timeoutMs: config.requestTimeoutMs,
    maxPixels: config.maxImagePixels,
    executionProvider: config.executionProvider,
    logger: createLogger({ level: config.logLevel, format: config.logFormat, destination: 2 }),
  });
  const progress = createProgress(model.info.id);
  const vectors = new Map<string, Float32Array>();
  const times: number[] = [];
  let failed = 0;
  try {
    const results = mapOrdered(files, UNDER_WAY, async (file) => {
      try {
        const bytes = await readFile(file).catch((error: unknown) => {
          throw readFailure(error);
        });
        assertByteSize(bytes.byteLength, config.maxUploadBytes);
        return { file, embedding: await embedder.embed(bytes, { signal }) };
      } catch (error) {
        return { file, error };
      }
    });
    for await (const result of results) {
      if (signal.aborted) break;
      if ('embedding' in result) {
        vectors.set(result.file, result.embedding.vector);
        times.push(result.embedding.timings.embedMs);
      } else {
        failed++;
        progress.say(`${printable(result.file)}: ${describeFailure(failureOf(result.error))}`);
      }
      progress.update({ done: vectors.size + failed, total: files.length, failed });
    }
  } finally {
    progress.stop();
    await embedder.close();
  }
  return { vectors, medianMs: times.length === 0 ? 0 : median(times.sort((a, b) => a - b)) };
}

/** At most this many, spread evenly over the list. */
function spread(files: readonly string[], limit: number): readonly string[] {
  if (files.length <= limit) return files;
  note(`${limit} of the ${files.length} pictures are compared; use --limit for more.`);
  return Array.from({ length: limit }, (_, i) => files[Math.floor((i * files.length) / limit)]!);
}
