import { createContext, Script } from 'node:vm';

const context = createContext({ task: null as unknown });
const CALL = new Script('task()');

/**
 * Runs a task that does not wait for anything, and stops it where it is when it takes too long.
 * @throws Error with the code ERR_SCRIPT_EXECUTION_TIMEOUT then; what the task throws
 */
export function withinTime<Result>(timeoutMs: number, task: () => Result): Result {
  context['task'] = task;
  try {
    return CALL.runInContext(context, { timeout: timeoutMs }) as Result;
  } finally {
    context['task'] = null;
  }
}
