import { expect, test } from '@jest/globals';
import { Gate } from '../../src/lib/gate.js';

/** A task that ends when it is told to. */
function task(log: string[], name: string) {
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const run = async (): Promise<string> => {
    log.push(`+${name}`);
    await ended;
    log.push(`-${name}`);
    return name;
  };
  return { run, end };
}

/** Everything that can go on without waiting for a task has gone on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('who is alone waits for those inside, and keeps out those who come later', async () => {
  const gate = new Gate();
  const log: string[] = [];
  const [a, b, lone, c] = ['a', 'b', 'lone', 'c'].map((name) => task(log, name));
  const results = [
    gate.together(a!.run),
    gate.together(b!.run),
    gate.alone(lone!.run),
    gate.together(c!.run),
  ];
  a!.end();
  await settle();
  expect(log).toEqual(['+a', '+b', '-a']);
  b!.end();
  await settle();
  expect(log.slice(3)).toEqual(['-b', '+lone']);
  lone!.end();
  c!.end();
  expect(await Promise.all(results)).toEqual(['a', 'b', 'lone', 'c']);
  expect(log.slice(5)).toEqual(['-lone', '+c', '-c']);
});

test('two who want to be alone are so one after the other; one that fails lets the next in', async () => {
  const gate = new Gate();
  const log: string[] = [];
  const [first, second] = [task(log, 'first'), task(log, 'second')];
  const failing = gate.alone(async () => {
    await first.run();
    throw new Error('no');
  });
  const next = gate.alone(second.run);
  await settle();
  expect(log).toEqual(['+first']);
  first.end();
  await expect(failing).rejects.toThrow('no');
  second.end();
  expect(await next).toBe('second');
  expect(await gate.together(async () => 'open')).toBe('open');
});
