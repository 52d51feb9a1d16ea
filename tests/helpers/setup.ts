import { afterEach, beforeEach, expect, jest } from '@jest/globals';
import { LIMITS } from './limits.js';

jest.setTimeout(LIMITS.testMs);

/** A test that writes to the console fails: output is either asserted on or a mistake. */
const METHODS = ['log', 'info', 'warn', 'error', 'debug'] as const;

/** Empty where a `beforeAll` failed: Jest then leaves out `beforeEach`, but not `afterEach`. */
let spies: jest.SpiedFunction<(...words: unknown[]) => void>[] = [];

beforeEach(() => {
  spies = METHODS.map((method) => jest.spyOn(console, method).mockImplementation(() => {}));
});

afterEach(() => {
  const calls = spies.map((spy) => spy.mock.calls);
  for (const spy of spies) spy.mockRestore();
  spies = [];
  expect(calls.flat()).toEqual([]);
});
