import { constants, setPriority } from 'node:os';

/** Gives this process the lowest priority, if the system allows it. */
export function standBack(): void {
  try {
    setPriority(constants.priority.PRIORITY_LOW);
  } catch {}
}
