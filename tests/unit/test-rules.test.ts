import { describe, expect, test } from '@jest/globals';
import { lint } from '../helpers/lint.js';

/** Ways in which a test would depend on how fast the machine is. */
const REFUSED = [
  'jest.setTimeout(1000);',
  "test('x', () => {}, 1000);",
  "it('x', () => {}, 1000);",
  "test.only('x', () => {}, 1000);",
  "test.each([1])('x', () => {}, 1000);",
  'beforeAll(() => {}, 1000);',
  'afterEach(() => {}, 1000);',
  "await locator.waitFor({ state: 'hidden', timeout: 1000 });",
  'makePool({ timeoutMs: 60 * 1000 });',
  'makePool({ drainMs: 50 });',
  'context.setDefaultTimeout(1000);',
  'await fetch(url, { signal: AbortSignal.timeout(1000) });',
  'await new Promise((resolve) => setTimeout(resolve, 10));',
  'setInterval(() => {}, 10);',
  'await page.waitForTimeout(100);',
  "page.route('**/*', () => {}).catch(reject);",
  "const routed = page.routeWebSocket('**/*', () => {});",
  "import { setTimeout as delay } from 'node:timers/promises'; await delay(5);",
  'const start = performance.now();',
  'expect(Date.now() - start).toBeLessThan(10);',
];

const ALLOWED = [
  "test('x', () => {});",
  "test.each([1, 2])('x', () => {});",
  'beforeAll(() => {});',
  'makePool({ timeoutMs: LIMITS.productMs, drainMs: GIVES_UP_MS });',
  "await waitFor('the file', () => existsSync(path));",
  'const before = Date.now();',
  "await page.route('**/*', () => {});",
];

const said = lint([...REFUSED, ...ALLOWED].map((code) => ({ path: 'tests/unit/new.test.ts', code })));

describe('the rule that no test depends on time', () => {
  test.each(REFUSED.map((code, i) => [code, i] as const))('refuses %s', (_code, i) => {
    expect(said[i]?.join('\n')).toContain('Tests do not depend on time');
  });

  test.each(ALLOWED.map((code, i) => [code, REFUSED.length + i] as const))('allows %s', (_code, i) => {
    expect(said[i]?.join('\n')).not.toContain('Tests do not depend on time');
  });
});
