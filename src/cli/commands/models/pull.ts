import { join } from 'node:path';
import type { Command } from 'commander';
import { loadConfig, readEnvironment, type Config, type Flags } from '../../../config.js';
import { SAMPLE_DIR } from '../../../project.js';
import { AppError } from '../../../errors.js';
import { samplesOfGroups } from '../../../services/gallery/sample-files.js';
import type { Precision, PreprocessMode } from '../../../model-tools/dinov2/describe.js';
import type { InputSize } from '../../../model-tools/dinov2/graph-scope.js';
import type { Pulled } from '../../../model-tools/hub/pull.js';
import { findKnownModel, KNOWN_MODELS } from '../../../model-tools/hub/known-models.js';
import { chooseKnownModel, describeChoices } from './choose-model.js';
import { formatBytes, formatDuration } from '../../output/format.js';
import { watchInterrupt } from '../../running/interrupt.js';
import { precisionOption, preprocessOption, sizeOption } from './model-options.js';
import { noteNext } from '../../output/note-next.js';
import { note, printJson, printLine } from '../../output/output.js';
import { picturesBelow } from '../../running/pictures-below.js';
import { createProgress, type Progress } from '../../output/progress.js';
import type { RunCommand } from '../../run-command.js';

const EXAMPLES = `
Models: ${KNOWN_MODELS.map(({ id }) => id).join(', ')}

The weights come from the Hugging Face hub, or from a mirror of it: MODEL_HUB=https://hub.example.org. They are checked
against the size and the sha256 that the hub announces, and converted. To resume a download that broke off or was ended
by Ctrl+C, run the same command again. HTTP_PROXY, HTTPS_PROXY and NO_PROXY are respected; HF_TOKEN is sent to the hub.

--precision int8 installs the published int8 export as it is. With --calibrate, int8 is converted from the weights
instead, calibrated on pictures like yours.

Examples:
  $ likeness models pull
  $ likeness models pull dinov2-small
  $ likeness models pull dinov2-base-registers --precision int8
  $ likeness models pull dinov2-large --precision int8 --calibrate ~/Pictures
  $ MODEL_HUB=https://hub.example.org likeness models pull dinov2-base --size 224
`;

interface PullCommandOptions {
  readonly id?: string;
  readonly precision?: Precision;
  readonly size?: InputSize;
  readonly preprocess?: PreprocessMode;
  readonly calibrate?: string;
  readonly revision?: string;
  readonly replace?: true;
  readonly json?: true;
}

export function addPullCommand(models: Command, run: RunCommand): void {
  models
    .command('pull')
    .description('download a published DINOv2 model')
    .argument('[model]', 'which one; if left out, a terminal shows the choices')
    .option('--id <id>', 'local name of the model (default: its own name with the precision)')
    .addOption(precisionOption())
    .addOption(sizeOption())
    .addOption(preprocessOption())
    .option(
      '--calibrate <folder>',
      'with int8: calibrate on these pictures to lose less accuracy (64 of them are used)',
    )
    .option('--revision <revision>', 'branch, tag or commit of the repository (default: main)')
    .option('--replace', 'replace an installed model of this name')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action((model: string | undefined, options: PullCommandOptions) =>
      run((flags) => pull(model, options, flags)),
    );
}

async function pull(
  asked: string | undefined,
  { json, calibrate, ...options }: PullCommandOptions,
  flags: Flags,
): Promise<number> {
  const model = asked ?? (await askForModel(options.precision ?? 'fp32', calibrate !== undefined));
  if (model === null) return 130;
  const known = findKnownModel(model);
  if (known === undefined)
    throw new AppError(
      'BAD_USER_INPUT',
      `There is no model "${model}" to pull. Known models: ${KNOWN_MODELS.map(({ id }) => id).join(', ')}.`,
      { details: { path: 'model', rule: 'a known model' } },
    );
  const config = loadConfig(readEnvironment(), flags);
  const calibrationPictures =
    calibrate === undefined ? undefined : await picturesBelow(calibrate, 'calibrate');
  const { pullModel } = await import('../../../model-tools/hub/pull.js');
  const { openHubClient } = await import('../../../hub-client.js');
  const client = openHubClient(config);
  const interrupt = watchInterrupt('Interrupted: what was downloaded is kept; run it again to resume.');
  const stages = new Stages();
  const start = performance.now();
  let pulled;
  try {
    pulled = await pullModel({
      ...options,
      known,
      modelsDir: config.modelsDir,
      hub: config.modelHub,
      client,
      calibrationPictures,
      samples: await samplesOfGroups(SAMPLE_DIR),
      signal: interrupt.signal,
      onDownload: ({ file }, done, total) => stages.show(file, 'bytes', done, total ?? done),
      onRetry: (reason) => stages.say(`Trying again: ${reason}.`),
      onDownloaded(published) {
        stages.end();
        if (published) note('Running the model to find out its input and output.');
      },
      onCalibration: (done, total) => stages.show('calibrating', 'items', done, total),
      onConvert: (done, total) => stages.show('converting', 'items', done, total),
    });
  } catch (error) {
    if (interrupt.exitCode === 0) throw error;
    return interrupt.exitCode;
  } finally {
    stages.end();
    await client.close();
  }
  const seconds = (performance.now() - start) / 1000;
  await report(pulled, seconds, config, json === true);
  if (json !== true) noteNext(pulled.definition.id, options.replace === true);
  return 0;
}

async function report(
  { definition, files }: Pulled,
  seconds: number,
  { modelsDir, modelHub }: Config,
  asJson: boolean,
): Promise<void> {
  const { id, name, dimension, precision, preprocess, bytes = 0, weights } = definition;
  const total = bytes + (weights?.bytes ?? 0);
  for (const { repository, file, verified } of files)
    if (verified === false)
      note(`${repository}/${file}: the hub announced no sha256, so only its size was checked.`);
  if (asJson) {
    await printJson({
      id,
      folder: join(modelsDir, id),
      hub: modelHub,
      files,
      dimension,
      precision,
      preprocess,
      bytes: total,
      seconds: Math.round(seconds * 10) / 10,
    });
    return;
  }
  const { describeInputSize } = await import('../../../services/embedding/preprocess.js');
  await printLine(
    `${id}: ${name}, vectors of ${dimension} numbers, reads ${describeInputSize(preprocess)} ` +
      `(${preprocess.mode}), ${precision}, ${formatBytes(total)}, in ${formatDuration(seconds)}`,
  );
}

/** @returns null when nothing was chosen. @throws AppError BAD_USER_INPUT where nobody can be asked */
async function askForModel(precision: Precision, calibrate: boolean): Promise<string | null> {
  const choices = describeChoices(precision, calibrate);
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new AppError('BAD_USER_INPUT', `Expected the model to pull:\n${choices.join('\n')}`, {
      details: { path: 'model', rule: 'a known model' },
    });
  return chooseKnownModel(choices, { input: process.stdin, output: process.stderr });
}

/** Progress bars, one stage after the other. */
class Stages {
  #what = '';
  #progress: Progress | null = null;

  show(what: string, unit: 'items' | 'bytes', done: number, total: number): void {
    if (this.#progress === null || what !== this.#what) {
      this.end();
      this.#what = what;
      this.#progress = createProgress(what, process.stderr, unit);
    }
    this.#progress.update({ done, total, failed: 0 });
  }

  say(line: string): void {
    if (this.#progress === null) note(line);
    else this.#progress.say(line);
  }

  end(): void {
    this.#progress?.stop();
    this.#progress = null;
  }
}
