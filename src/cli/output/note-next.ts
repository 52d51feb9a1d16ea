import { note } from './output.js';

/** What to do with a model that was just made. */
export function noteNext(id: string, replaced: boolean): void {
  note(`Next: likeness models use ${id}`);
  if (replaced)
    note(`A server that uses ${id} has to be restarted, because the files of the model have changed.`);
}
