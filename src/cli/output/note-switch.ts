import type { App } from '../../app.js';
import { note } from './output.js';

/** Tells who asked for another model than the one that serves which one the command works with. */
export function noteSwitchDue({ config, modelSwitch, embedder }: App): void {
  const target = modelSwitch.target?.info.id;
  if (target === undefined || config.model === 'auto') return;
  note(
    `The gallery is served by the model ${embedder.model.id}, and this works with it: ${target} serves as soon as every ` +
      `picture has its vector of it, which "likeness models use ${target}" or starting the server with it sees to.`,
  );
}
