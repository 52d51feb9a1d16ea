import { afterEach, beforeEach, expect, jest } from '@jest/globals';
import { LIMITS } from './limits.js';

jest.setTimeout(LIMITS.testMs);

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
