import { readFileSync } from 'node:fs';
import { waitFor } from './wait-for.js';

/** A zombie whose parent does not collect it (some containers' first process) has ended, too. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
  } catch {
    return false;
  }
}

export async function untilGone(pids: readonly number[]): Promise<void> {
  await waitFor(`the end of the processes ${pids.join(', ')}`, () => !pids.some(isRunning));
}
