import { describe, expect, test } from '@jest/globals';
import { isOpen, Lifecycle } from '../../src/http/lifecycle.js';

describe('the state of a server', () => {
  test('goes from starting to serving, draining and closed', async () => {
    const lifecycle = new Lifecycle();
    expect(lifecycle.phase).toBe('starting');
    lifecycle.serves();
    expect(lifecycle.phase).toBe('serving');
    let end!: () => void;
    const closed = lifecycle.close(() => new Promise((resolve) => (end = resolve)));
    expect(lifecycle.phase).toBe('draining');
    await Promise.resolve();
    end();
    await closed;
    expect(lifecycle.phase).toBe('closed');
  });

  test('drains once, and whoever asks again waits for the same end', async () => {
    const lifecycle = new Lifecycle();
    lifecycle.serves();
    let drains = 0;
    const drain = async (): Promise<void> => void drains++;
    await Promise.all([lifecycle.close(drain), lifecycle.close(drain)]);
    await lifecycle.close(drain);
    expect(drains).toBe(1);
  });

  test('a drain that fails is told to everybody who waits, and closes all the same', async () => {
    const lifecycle = new Lifecycle();
    const drain = (): Promise<void> => Promise.reject(new Error('stuck'));
    const closing = [lifecycle.close(drain), lifecycle.close(drain)];
    for (const one of closing) await expect(one).rejects.toThrow('stuck');
    expect(lifecycle.phase).toBe('closed');
    await expect(lifecycle.close(drain)).rejects.toThrow('stuck');
  });

  test('does not begin to serve once it was asked to stop', async () => {
    const lifecycle = new Lifecycle();
    const closed = lifecycle.close(async () => {});
    lifecycle.serves();
    expect(isOpen(lifecycle.phase)).toBe(false);
    await closed;
    lifecycle.serves();
    expect(lifecycle.phase).toBe('closed');
  });
});
