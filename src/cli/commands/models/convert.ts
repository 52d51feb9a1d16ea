import { join } from 'node:path';
import type { Command } from 'commander';
import { loadConfig, readEnvironment, type Flags } from '../../../config.js';
import { SAMPLE_DIR } from '../../../project.js';
import { AppError } from '../../../errors.js';
import { samplesOfGroups } from '../../../services/gallery/sample-files.js';
import type { Calibration } from '../../../model-tools/dinov2/calibrate.js';
import type { Precision, PreprocessMode } from '../../../model-tools/dinov2/describe.js';
import type { InputSize } from '../../../model-tools/dinov2/graph-scope.js';
import { count, formatBytes, formatDuration } from '../../output/format.js';
import { watchInterrupt } from '../../running/interrupt.js';
import { precisionOption, preprocessOption, sizeOption } from './model-options.js';
import { noteNext } from '../../output/note-next.js';
import { printJson, printLine } from '../../output/output.js';
import { picturesBelow } from '../../running/pictures-below.js';
import { createProgress } from '../../output/progress.js';
import type { RunCommand } from '../../run-command.js';
import { adoptExport } from './adopt.js';

const EXAMPLES = `
Weights are vit-dinov2-base.npz, or a model.safetensors of Hugging Face (facebook/dinov2-small, -base, -large, -giant,
and dinov2-with-registers-*), or a folder with one. Nothing else is needed: no Python, no network.

An .onnx export is used as it is, with its weights file if there is one; running it shows its input and output.
--size and --preprocess apply where the export leaves a choice.

--size dynamic reads pictures of any shape, so nothing is cropped or padded; a fixed size is no faster at the same number
of pixels. fp16 takes half the disk space and is as accurate as fp32 except for the rounding of the weights.

int8 takes a quarter of the disk space and, on processors with VNNI, about a third of the time. Pass a folder of pictures
like yours with --calibrate: channels that are far larger than the rest are then evened out, and layers that int8 would
damage stay in fp32. Compare the result with the fp32 model: likeness models compare.

The model is tested before it is installed; after a failure or Ctrl+C nothing is left behind.

Examples:
  $ likeness models convert vit-dinov2-base.npz
  $ likeness models convert ~/dinov2-small/model.safetensors --precision fp16 --id small
  $ likeness models convert vit-dinov2-base.npz --size 518 --preprocess center-crop --id dinov2-base-518
  $ likeness models convert vit-dinov2-base.npz --precision int8 --calibrate ~/Pictures
  $ likeness models convert dinov2-small/onnx/model.onnx
`;

interface ConvertCommandOptions {
  readonly id?: string;
  readonly precision?: Precision;
  readonly size?: InputSize;
  readonly preprocess?: PreprocessMode;
  readonly calibrate?: string;
  readonly replace?: true;
  readonly json?: true;
}

export function addConvertCommand(models: Command, run: RunCommand): void {
  models
    .command('convert')
    .description('make a model from DINOv2 weights or an ONNX export')
    .argument('<weights>', 'a .npz, .safetensors or .onnx file, or a folder with model.safetensors')
    .option('--id <id>', 'name of the model (default: by its size, such as dinov2-base)')
    .addOption(precisionOption())
    .addOption(sizeOption())
    .addOption(preprocessOption())
    .option(
      '--calibrate <folder>',
      'with int8: calibrate on these pictures to lose less accuracy (64 of them are used)',
    )
    .option('--replace', 'replace an installed model of this name')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action((weights: string, options: ConvertCommandOptions) =>
      run((flags) => (/\.onnx$/i.test(weights) ? adopt : convert)(weights, options, flags)),
    );
}

async function adopt(
  path: string,
  { json, calibrate, precision, ...options }: ConvertCommandOptions,
  flags: Flags,
): Promise<number> {
  if (calibrate !== undefined || precision !== undefined)
    throw new AppError(
      'BAD_USER_INPUT',
      'An ONNX export keeps the precision it has: --precision and --calibrate are for weights (.npz, .safetensors).',
    );
  const { modelsDir } = loadConfig(readEnvironment(), flags);
  return adoptExport({ ...options, path, modelsDir, json: json === true });
}

async function convert(
  weightsPath: string,
  { json, calibrate, ...options }: ConvertCommandOptions,
  flags: Flags,
): Promise<number> {
  const { convertDinov2 } = await import('../../../model-tools/dinov2/convert.js');
  const { describeInputSize } = await import('../../../services/embedding/preprocess.js');
  const { modelsDir } = loadConfig(readEnvironment(), flags);
  const interrupt = watchInterrupt('Interrupted: removing what was written.');
  const calibrationPictures =
    calibrate === undefined ? undefined : await picturesBelow(calibrate, 'calibrate');
  let progress = createProgress(calibrate === undefined ? 'converting' : 'calibrating');
  const start = performance.now();
  let converted;
  try {
    converted = await convertDinov2({
      ...options,
      weightsPath,
      modelsDir,
      calibrationPictures,
      samples: await samplesOfGroups(SAMPLE_DIR),
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
  noteNext(id, options.replace === true);
  return 0;
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
