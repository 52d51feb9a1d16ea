import { createContext, Script } from 'node:vm';

const context = createContext({ task: null as unknown });
const CALL = new Script('task()');

/**
 * Runs a synchronous task, and interrupts it if it takes too long.
 * @throws Error with the code ERR_SCRIPT_EXECUTION_TIMEOUT in that case; what the task throws
 */
export function withinTime<Result>(timeoutMs: number, task: () => Result): Result {
  context['task'] = task;
  try {
    return CALL.runInContext(context, { timeout: timeoutMs }) as Result;
  } finally {
    context['task'] = null;
  }
}
