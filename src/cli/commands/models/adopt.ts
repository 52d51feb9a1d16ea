import { join } from 'node:path';
import { SAMPLE_DIR } from '../../../project.js';
import type { AdoptOptions } from '../../../model-tools/hub/adopt-onnx.js';
import { samplesOfGroups } from '../../../services/gallery/sample-files.js';
import { formatBytes } from '../../output/format.js';
import { watchInterrupt } from '../../running/interrupt.js';
import { noteNext } from '../../output/note-next.js';
import { note, printJson, printLine } from '../../output/output.js';

export interface AdoptExportOptions extends Omit<AdoptOptions, 'signal'> {
  readonly json: boolean;
}

/** Makes a model of an ONNX export and prints what it is. @returns the exit code */
export async function adoptExport({ json, ...options }: AdoptExportOptions): Promise<number> {
  const { adoptOnnx } = await import('../../../model-tools/hub/adopt-onnx.js');
  const { describeInputSize } = await import('../../../services/embedding/preprocess.js');
  const interrupt = watchInterrupt('Interrupted: removing what was written.');
  note('Running the model to find out its input and output.');
  let adopted;
  try {
    adopted = await adoptOnnx({
      ...options,
      samples: await samplesOfGroups(SAMPLE_DIR),
      signal: interrupt.signal,
    });
  } catch (error) {
    if (interrupt.exitCode === 0) throw error;
    return interrupt.exitCode;
  }
  const { definition, size } = adopted;
  const { id, name, dimension, precision, preprocess, output, patchTokens, bytes = 0, weights } = definition;
  const total = bytes + (weights?.bytes ?? 0);
  if (json) {
    await printJson({
      id,
      folder: join(options.modelsDir, id),
      dimension,
      precision,
      size,
      preprocess,
      output,
      patchTokens: patchTokens ?? null,
      bytes: total,
    });
    return 0;
  }
  const patches =
    patchTokens === undefined ? 'no patch tokens' : `patches of ${patchTokens.patchSize} pixels`;
  await printLine(
    `${id}: ${name}, vectors of ${dimension} numbers (${output.name}), ${patches}, reads ` +
      `${describeInputSize(preprocess)} (${preprocess.mode}), ${precision}, ${formatBytes(total)}`,
  );
  noteNext(id, options.replace === true);
  return 0;
}
