import type { Command } from 'commander';
import type { RunCommand } from '../run-command.js';
import { addCompareCommand } from './models/compare.js';
import { addConvertCommand } from './models/convert.js';
import { addDropCommand } from './models/drop.js';
import { addListCommand } from './models/list.js';
import { addPullCommand } from './models/pull.js';
import { addUseCommand } from './models/use.js';
import { addVerifyModelCommand } from './models/verify.js';

/** `likeness models <command>`. */
export function addModelsCommand(program: Command, run: RunCommand): void {
  const models = program.command('models').description('get, convert, compare and choose embedding models');
  addListCommand(models, run);
  addPullCommand(models, run);
  addConvertCommand(models, run);
  addVerifyModelCommand(models, run);
  addCompareCommand(models, run);
  addUseCommand(models, run);
  addDropCommand(models, run);
}
