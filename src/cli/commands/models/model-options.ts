import { InvalidArgumentError, Option } from 'commander';
import type { InputSize } from '../../../model-tools/dinov2/graph-scope.js';

/** Options of the commands that make models. */

export const precisionOption = (): Option =>
  new Option('--precision <precision>', 'number format of the weights (default: fp32)').choices([
    'fp32',
    'fp16',
    'int8',
  ]);

export const sizeOption = (): Option =>
  new Option(
    '--size <size>',
    'input size: a side, or height x width, in multiples of 14, or dynamic (default: dynamic)',
  ).argParser(parseSize);

export const preprocessOption = (): Option =>
  new Option('--preprocess <mode>', 'how pictures are fitted to it (default: nothing is cropped)').choices([
    'short-side',
    'center-crop',
    'pad',
  ]);

function parseSize(text: string): InputSize {
  if (text === 'dynamic') return text;
  const [, height, width = height] = /^(\d{1,4})(?:x(\d{1,4}))?$/.exec(text) ?? [];
  if (height === undefined || width === undefined)
    throw new InvalidArgumentError('Expected a side (224), height x width (224x308), or dynamic.');
  return { height: Number(height), width: Number(width) };
}
