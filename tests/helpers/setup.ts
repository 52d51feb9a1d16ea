import { afterEach, beforeEach, expect, jest } from '@jest/globals';

// Tests wait for what they need, not for a time; this only ends one that hangs, on a machine however busy.
jest.setTimeout(90_000);

/** A test that writes to the console fails: output is either asserted on or a mistake. */
const METHODS = ['log', 'info', 'warn', 'error', 'debug'] as const;

beforeEach(() => {
  for (const method of METHODS) jest.spyOn(console, method).mockImplementation(() => {});
});

afterEach(() => {
  for (const method of METHODS) {
    const spy = console[method] as unknown as { mock?: { calls: unknown[][] }; mockRestore(): void };
    const calls = spy.mock?.calls ?? [];
    spy.mockRestore();
    expect(calls).toEqual([]);
  }
});
