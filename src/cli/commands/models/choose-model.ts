import { createInterface } from 'node:readline/promises';
import {
  downloadBytes,
  findKnownModel,
  installedBytes,
  KNOWN_MODELS,
} from '../../../model-tools/hub/known-models.js';
import type { ModelDescription } from '../../../services/embedding/types.js';
import { formatBytes } from '../../output/format.js';

/** The default choice. */
const USUAL = 'dinov2-base';

/** One line per model: number, id, sizes, purpose. @param calibrate int8 is then converted from the weights */
export function describeChoices(precision: ModelDescription['precision'], calibrate: boolean): string[] {
  const width = Math.max(...KNOWN_MODELS.map(({ id }) => id.length));
  return KNOWN_MODELS.map((known, i) => {
    const download = formatBytes(downloadBytes(known, precision, calibrate)).padStart(7);
    const disk = formatBytes(installedBytes(known, precision)).padStart(7);
    return `${String(i + 1).padStart(3)}  ${known.id.padEnd(width)}  download ${download}, on disk ${disk}  ${known.description}`;
  });
}

export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/**
 * Shows the choices and asks until one of them is named, by its number or its id.
 * @returns its id; null when the input ended or Ctrl+C was pressed
 */
export async function chooseKnownModel(
  choices: readonly string[],
  { input, output }: Terminal,
): Promise<string | null> {
  output.write(`${choices.join('\n')}\n`);
  const lines = createInterface({ input, output });
  const left = new AbortController();
  lines.once('close', () => left.abort());
  lines.once('SIGINT', () => lines.close());
  try {
    for (;;) {
      const question = `Which one? (number or name; Enter: ${USUAL}) `;
      const answer = (await lines.question(question, { signal: left.signal })).trim();
      const known = KNOWN_MODELS[Number(answer) - 1] ?? findKnownModel(answer === '' ? USUAL : answer);
      if (known !== undefined) return known.id;
      output.write(`There is no "${answer}".\n`);
    }
  } catch (error) {
    if (left.signal.aborted) return null;
    throw error;
  } finally {
    lines.close();
  }
}
