import type { Flags } from '../config.js';

/** Runs a command with the settings of the command line; the task's number becomes the exit code. */
export type RunCommand = (task: (flags: Flags) => Promise<number>) => Promise<void>;
