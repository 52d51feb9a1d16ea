import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const SCRIPT = `
  const db = new (require('libsql'))(process.argv[1], { timeout: 20_000 });
  require('node:readline').createInterface({ input: process.stdin }).on('line', (sql) => {
    try { db.exec(sql); console.log('done'); } catch (error) { console.log(String(error)); }
  });`;

/** A process of its own with a connection of its own, as a backup tool or a person with a shell has it. */
export interface DatabaseLocker {
  /** Takes the write lock. */
  lock(): Promise<void>;
  free(): Promise<void>;
  run(sql: string): Promise<void>;
  end(): Promise<void>;
}

/** The process is started when it is first needed. */
export function databaseLocker(path: string): DatabaseLocker {
  let started: ReturnType<typeof start> | undefined;
  const run = async (sql: string): Promise<void> => {
    started ??= start(path);
    started.child.stdin.write(`${sql}\n`);
    const { value } = (await started.answers.next()) as { value: unknown };
    if (value !== 'done') throw new Error(`${sql}: ${String(value)}`);
  };
  return {
    run,
    lock: () => run('BEGIN IMMEDIATE'),
    free: () => run('ROLLBACK'),
    end: async () => {
      if (started === undefined) return;
      const { child } = started;
      started = undefined;
      const exited = once(child, 'exit');
      child.stdin.end();
      await exited;
    },
  };
}

function start(path: string) {
  const child = spawn(process.execPath, ['-e', SCRIPT, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  return { child, answers: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}
