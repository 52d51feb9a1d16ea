import type { App } from '../../app.js';
import { note } from './output.js';

/** Tells the user which model the command uses, if it is not the one asked for. */
export function noteSwitchDue({ config, modelSwitch, embedder }: App): void {
  const target = modelSwitch.target?.info.id;
  if (target === undefined || config.model === 'auto') return;
  note(
    `The model ${embedder.model.id} serves the gallery, and this command uses it. ${target} serves once every picture ` +
      `has a vector from it: run "likeness models use ${target}", or start the server with it.`,
  );
}
