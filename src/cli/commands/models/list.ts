import type { Command } from 'commander';
import { loadConfig, readEnvironment, type Flags } from '../../../config.js';
import { listModels, loadModel } from '../../../services/embedding/model.js';
import { printJson, printLine } from '../../output.js';
import type { RunCommand } from '../../program.js';
import { join } from 'node:path';

export function addListCommand(models: Command, run: RunCommand): void {
  models
    .command('list')
    .description('list the models that are installed')
    .option('--json', 'print JSON')
    .action(({ json }: { json?: true }) => run((flags) => list(flags, json === true)));
}

async function list(flags: Flags, json: boolean): Promise<number> {
  const { modelsDir } = loadConfig(readEnvironment(), flags);
  const models = [];
  for (const id of await listModels(modelsDir))
    models.push((await loadModel(join(modelsDir, id))).description);
  if (json) await printJson(models);
  else
    for (const { id, dimension, inputSize, precision } of models)
      await printLine(
        `${id.padEnd(24)} ${String(dimension).padStart(5)} ${inputSize.padEnd(10)} ${precision}`,
      );
  return 0;
}
