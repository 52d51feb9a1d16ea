import type { Command } from 'commander';
import Table from 'cli-table3';
import { loadConfig, readEnvironment, type Flags } from '../../../config.js';
import { KNOWN_MODELS, type KnownModel } from '../../../model-tools/hub/known-models.js';
import { inspectModel, type InstalledModel } from '../../../model-tools/inspect-model.js';
import { listModels, pickModel } from '../../../services/embedding/model.js';
import { describeInputSize } from '../../../services/embedding/preprocess.js';
import { formatBytes, printable } from '../../output/format.js';
import { note, printJson, printLine } from '../../output/output.js';
import type { RunCommand } from '../../run-command.js';
import { readServingModels } from '../../running/serving-models.js';

const EXAMPLES = `
"In use" is the model that answers searches; "next" is the one that will, once every picture has a vector from it.
A broken model is listed with its problem; "likeness models verify <id>" tells more. "likeness models pull <id>" downloads
an available one; its help lists the precisions besides fp32.

Examples:
  $ likeness models list
  $ likeness models list --json | jq -r '.installed[] | select(.inUse) | .id'
`;

export function addListCommand(models: Command, run: RunCommand): void {
  models
    .command('list')
    .description('list the models that are installed, in use, or available')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(({ json }: { json?: true }) => run((flags) => list(flags, json === true)));
}

interface ListedModel {
  readonly id: string;
  readonly inUse: boolean;
  /** It will serve but does not yet. */
  readonly next: boolean;
  readonly problem: string | null;
  readonly name: string | null;
  readonly dimension: number | null;
  readonly inputSize: string | null;
  readonly precision: string | null;
  readonly bytes: number;
}

async function list(flags: Flags, json: boolean): Promise<number> {
  const config = loadConfig(readEnvironment(), flags);
  const ids = await listModels(config.modelsDir);
  const { serving, next, wanted } = await readServingModels(config);
  const chosen =
    config.model === 'auto' && wanted !== null && ids.includes(wanted)
      ? wanted
      : pickModel(ids, config.model);
  const inUse = serving ?? chosen;
  const installed: ListedModel[] = [];
  for (const id of ids)
    installed.push(
      describe(await inspectModel(config.modelsDir, id), { inUse: id === inUse, next: id === next }),
    );
  const available = KNOWN_MODELS.filter(({ id }) => !ids.includes(id));
  if (json)
    await printJson({
      installed,
      available: available.map(({ id, name, dimension, parameters, int8 }) => ({
        id,
        name,
        dimension,
        bytes: parameters * 4,
        publishedInt8: int8 !== null,
      })),
    });
  else await printLine(tableOf(installed, available));
  if (inUse !== undefined && !ids.includes(inUse))
    note(`The gallery uses the model ${printable(inUse)}, which is no longer installed.`);
  return 0;
}

function describe(
  { id, bytes, definition, problem }: InstalledModel,
  use: { readonly inUse: boolean; readonly next: boolean },
): ListedModel {
  return {
    id,
    ...use,
    problem,
    name: definition?.name ?? null,
    dimension: definition?.dimension ?? null,
    inputSize: definition === null ? null : describeInputSize(definition.preprocess),
    precision: definition?.precision ?? null,
    bytes,
  };
}

function tableOf(installed: readonly ListedModel[], available: readonly KnownModel[]): string {
  const table = new Table({
    head: ['model', 'state', 'dimension', 'input', 'precision', 'on disk'],
    colAligns: ['left', 'left', 'right', 'left', 'left', 'right'],
    style: { head: [], border: [] },
  });
  for (const { id, inUse, next, problem, dimension, inputSize, precision, bytes } of installed) {
    const state = inUse ? 'in use' : next ? 'next' : 'installed';
    table.push([
      printable(id),
      problem === null ? state : state === 'installed' ? 'broken' : `${state}, broken`,
      dimension ?? '',
      inputSize ?? '',
      precision ?? '',
      formatBytes(bytes),
    ]);
  }
  for (const { id, dimension, parameters } of available)
    table.push([id, 'available', dimension, '', '', `(${formatBytes(parameters * 4)})`]);
  const problems = installed.flatMap(({ id, problem }) =>
    problem === null ? [] : [`${printable(id)}: ${printable(problem)}`],
  );
  return [table.toString(), ...problems].join('\n');
}
