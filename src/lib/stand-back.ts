import { constants, setPriority } from 'node:os';

/** Gives this process the lowest priority; where the system refuses, it is merely less polite. */
export function standBack(): void {
  try {
    setPriority(constants.priority.PRIORITY_LOW);
  } catch {}
}
