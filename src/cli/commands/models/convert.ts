import { join } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { loadConfig, readEnvironment, type Flags } from '../../../config.js';
import { AppError } from '../../../errors.js';
import type { Calibration } from '../../../services/embedding/dinov2/calibrate.js';
import type { Precision, PreprocessMode } from '../../../services/embedding/dinov2/describe.js';
import type { InputSize } from '../../../services/embedding/dinov2/write-graph.js';
import { count, formatBytes, formatDuration, printable } from '../../format.js';
import { watchInterrupt } from '../../interrupt.js';
import { note, printJson, printLine } from '../../output.js';
import { createProgress } from '../../progress.js';
import type { RunCommand } from '../../program.js';
import { readProblem } from '../../read-failure.js';

const EXAMPLES = `
Weights are vit-dinov2-base.npz, or a model.safetensors of Hugging Face (facebook/dinov2-small, -base, -large, -giant,
and dinov2-with-registers-*), or a folder with one. Nothing else is needed: no Python, no network.

--size dynamic reads pictures of any shape, so that nothing is cut off and nothing is padded; a fixed size is a little
faster. fp16 takes half the disk and computes as exactly as fp32 does, but for the rounding of the weights.

int8 takes a quarter of the disk and, on processors with VNNI, about a third of the time. Give it a folder of pictures
like yours with --calibrate: channels that are far larger than the rest are then evened out, and layers that int8 would
spoil stay in fp32. Compare the outcome with the fp32 model: likeness models compare.

The model is tried before it is put in place; when anything fails, or on Ctrl+C, nothing is left.

Examples:
  $ likeness models convert vit-dinov2-base.npz
  $ likeness models convert ~/dinov2-small/model.safetensors --precision fp16 --id small
  $ likeness models convert vit-dinov2-base.npz --size 518 --preprocess center-crop --id dinov2-base-518
  $ likeness models convert vit-dinov2-base.npz --precision int8 --calibrate ~/Pictures
`;

interface ConvertCommandOptions {
  readonly id?: string;
  readonly precision: Precision;
  readonly size: InputSize;
  readonly preprocess?: PreprocessMode;
  readonly calibrate?: string;
  readonly replace?: true;
  readonly json?: true;
}

export function addConvertCommand(models: Command, run: RunCommand): void {
  models
    .command('convert')
    .description('make a model of DINOv2 weights')
    .argument('<weights>', 'a .npz or .safetensors file, or a folder with model.safetensors')
    .option('--id <id>', 'name of the model (default: by its size, such as dinov2-base)')
    .addOption(
      new Option('--precision <precision>', 'of the weights')
        .choices(['fp32', 'fp16', 'int8'])
        .default('fp32'),
    )
    .addOption(
      new Option('--size <size>', 'what the model reads: a side, or height x width, in multiples of 14')
        .argParser(parseSize)
        .default('dynamic'),
    )
    .addOption(
      new Option(
        '--preprocess <mode>',
        'how pictures are brought to it (default: nothing is cut off)',
      ).choices(['short-side', 'center-crop', 'pad']),
    )
    .option('--calibrate <folder>', 'with int8: look at these pictures to lose less (64 of them are used)')
    .option('--replace', 'put it in the place of a model of this name')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action((weights: string, options: ConvertCommandOptions) =>
      run((flags) => convert(weights, options, flags)),
    );
}

async function convert(
  weightsPath: string,
  { json, calibrate, ...options }: ConvertCommandOptions,
  flags: Flags,
): Promise<number> {
  const { convertDinov2 } = await import('../../../services/embedding/dinov2/convert.js');
  const { describeInputSize } = await import('../../../services/embedding/preprocess.js');
  const { modelsDir } = loadConfig(readEnvironment(), flags);
  const interrupt = watchInterrupt('Interrupted: taking back what was written.');
  const calibrationPictures = calibrate === undefined ? undefined : await picturesBelow(calibrate);
  let progress = createProgress(calibrate === undefined ? 'converting' : 'calibrating');
  const start = performance.now();
  let converted;
  try {
    converted = await convertDinov2({
      ...options,
      weightsPath,
      modelsDir,
      calibrationPictures,
      signal: interrupt.signal,
      onCalibration: (done, total) => {
        progress.update({ done, total, failed: 0 });
        if (done < total) return;
        progress.stop();
        progress = createProgress('converting');
      },
      onProgress: (done, total) => progress.update({ done, total, failed: 0 }),
    });
  } catch (error) {
    if (interrupt.exitCode === 0) throw error;
    return interrupt.exitCode;
  } finally {
    progress.stop();
  }
  const { definition, architecture, calibration } = converted;
  const { id, name, dimension, precision, preprocess, bytes = 0, weights } = definition;
  const seconds = (performance.now() - start) / 1000;
  const total = bytes + (weights?.bytes ?? 0);
  if (json === true) {
    await printJson({
      id,
      folder: join(modelsDir, id),
      architecture,
      dimension,
      precision,
      preprocess,
      bytes: total,
      ...(calibration === null ? {} : { calibration: summary(calibration) }),
      seconds: Math.round(seconds * 10) / 10,
    });
    return 0;
  }
  await printLine(
    `${id}: ${name}, ${architecture.depth} blocks, vectors of ${dimension} numbers, reads ` +
      `${describeInputSize(preprocess)} (${preprocess.mode}), ${precision}, ${formatBytes(total)}, ` +
      `made in ${formatDuration(seconds)}`,
  );
  if (calibration !== null) await printCalibration(calibration);
  note(`Next: likeness models use ${id}`);
  return 0;
}

async function picturesBelow(folder: string): Promise<readonly string[]> {
  const { listPictures } = await import('../../../services/import-folder.js');
  return listPictures(folder, (dir, error) =>
    note(`${printable(dir)} cannot be read: ${readProblem(error)}.`),
  ).catch((error: unknown) => {
    throw new AppError('BAD_USER_INPUT', `${folder} cannot be read: ${readProblem(error)}.`, {
      details: { path: 'calibrate', rule: 'a folder that is there' },
      cause: error,
    });
  });
}

const summary = ({ pictures, unreadable, layers }: Calibration) => ({ pictures, unreadable, layers });

async function printCalibration({ pictures, unreadable, layers }: Calibration): Promise<void> {
  const float = layers.filter(({ type }) => type === 'float32');
  const smoothed = layers.filter(({ division }) => division !== 'none');
  const worst = (errors: readonly number[]): string => `${(100 * Math.max(0, ...errors)).toFixed(1)} %`;
  await printLine(
    `Calibrated on ${count(pictures, 'picture')}${unreadable > 0 ? ` (${unreadable} unreadable)` : ''}: ` +
      `${count(smoothed.length, 'layer')} of ${layers.length} evened out, ${float.length} left in fp32; largest error of a ` +
      `layer ${worst(layers.map(({ error }) => error))}, without calibration ` +
      `${worst(layers.map(({ plainError }) => plainError))}`,
  );
  for (const { name, plainError } of float)
    await printLine(`  in fp32: ${name} (int8 would be wrong by ${worst([plainError])})`);
}

function parseSize(text: string): InputSize {
  if (text === 'dynamic') return text;
  const [, height, width = height] = /^(\d{1,4})(?:x(\d{1,4}))?$/.exec(text) ?? [];
  if (height === undefined || width === undefined)
    throw new InvalidArgumentError('Expected a side (224), height x width (224x308), or dynamic.');
  return { height: Number(height), width: Number(width) };
}
