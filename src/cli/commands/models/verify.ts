import { join } from 'node:path';
import { median } from '../../../lib/median.js';
import type { Command } from 'commander';
import { loadConfig, readEnvironment, type Flags } from '../../../config.js';
import { AppError } from '../../../errors.js';
import { createLogger } from '../../../logger.js';
import type { Model } from '../../../services/embedding/model.js';
import { formatBytes, formatDuration } from '../../output/format.js';
import { printJson, printLine } from '../../output/output.js';
import type { RunCommand } from '../../run-command.js';
import { testPicture } from '../../../services/embedding/test-picture.js';

const REPETITIONS = 5;

const EXAMPLES = `
Reads all its files and compares them with the sha256 in its model.json; then the runtime loads it and embeds a picture.
If something is wrong, the exit code is 4.

Examples:
  $ likeness models verify dinov2-base
`;

export function addVerifyModelCommand(models: Command, run: RunCommand): void {
  models
    .command('verify')
    .description("check a model's files, and run it")
    .argument('<id>', 'a model that is installed (likeness models list)')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action((id: string, { json }: { json?: true }) => run((flags) => verify(id, flags, json === true)));
}

async function verify(id: string, flags: Flags, json: boolean): Promise<number> {
  const { listModels, loadModel } = await import('../../../services/embedding/model.js');
  const { openEmbedder } = await import('../../../services/embedding/embedder.js');
  const config = loadConfig({ LOG_LEVEL: 'warn', ...readEnvironment() }, flags);
  const ids = await listModels(config.modelsDir);
  if (!ids.includes(id)) throw noSuchModel(id, config.modelsDir, ids);
  const model = await loadModel(join(config.modelsDir, id));
  if (model.definition.id !== id)
    throw new AppError(
      'MODEL_MISMATCH',
      `The model.json in ${join(config.modelsDir, id)} is that of ${model.definition.id}.`,
    );
  const start = performance.now();
  const embedder = await openEmbedder({
    model,
    workers: 1,
    threads: config.embedThreads,
    maxQueue: 1,
    timeoutMs: config.requestTimeoutMs,
    maxPixels: config.maxImagePixels,
    executionProvider: config.executionProvider,
    logger: createLogger({ level: config.logLevel, format: config.logFormat, destination: 2 }),
  });
  try {
    const loadMs = performance.now() - start;
    const picture = testPicture();
    const times: number[] = [];
    for (let i = 0; i < REPETITIONS; i++) times.push((await embedder.embed(picture)).timings.embedMs);
    const { executionProvider, threadsPerWorker } = embedder.status();
    const facts = {
      ...model.info,
      files: filesOf(model),
      executionProvider,
      threads: threadsPerWorker,
      loadMs: Math.round(loadMs),
      embedMs: Math.round(10 * median(times.sort((a, b) => a - b))) / 10,
    };
    if (json) await printJson(facts);
    else await printLine(describe(facts));
    return 0;
  } finally {
    await embedder.close();
  }
}

/** The error for an unknown id. */
export function noSuchModel(id: string, modelsDir: string, ids: readonly string[]): AppError {
  return new AppError(
    'MODEL_MISSING',
    `There is no model ${id} in ${modelsDir} (${ids.length === 0 ? 'none is there' : `there are: ${ids.join(', ')}`}).`,
    { details: { path: modelsDir, models: ids } },
  );
}

interface VerifiedFile {
  readonly file: string;
  readonly bytes: number | null;
  /** Whether model.json has a sha256 to compare it with. */
  readonly hashed: boolean;
}

function filesOf({ definition: { file, bytes, sha256, weights } }: Model): VerifiedFile[] {
  return [
    { file, bytes: bytes ?? null, hashed: sha256 !== undefined },
    ...(weights === undefined ? [] : [{ file: weights.file, bytes: weights.bytes, hashed: true }]),
  ];
}

interface Facts extends Readonly<Model['info']> {
  readonly files: readonly VerifiedFile[];
  readonly executionProvider: string | null;
  readonly threads: number;
  readonly loadMs: number;
  readonly embedMs: number;
}

function describe(facts: Facts): string {
  const { id, files, dimension, inputSize, precision, spaceId, embedMs, loadMs } = facts;
  const rows: (readonly [string, string])[] = [
    ...files.map(({ file, bytes, hashed }) => {
      const size = bytes === null ? '' : `, ${formatBytes(bytes)}`;
      return [
        'file',
        `${file}${size}, ${hashed ? 'as its sha256 says' : 'no sha256 to compare it with'}`,
      ] as const;
    }),
    ['vectors', `${dimension} numbers, finite, unit length`],
    ['reads', inputSize],
    ['precision', precision],
    ['space', spaceId],
    [
      'runs on',
      `${facts.executionProvider ?? 'cpu'}, ${facts.threads} threads, loaded in ${formatDuration(loadMs / 1000)}`,
    ],
    ['time', `${embedMs} ms per picture`],
  ];
  return [`${id} is in order.`, ...rows.map(([name, value]) => `  ${name.padEnd(10)} ${value}`)].join('\n');
}
