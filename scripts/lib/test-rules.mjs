/*
 * CONTRIBUTING.md, "Tests", as ESLint settings: no test depends on how fast the machine is. Limits stand in
 * tests/helpers/limits.ts, waiting is done by tests/helpers/wait-for.ts.
 */

const ban = (selector, message) => ({ selector, message: `Tests do not depend on time: ${message}` });

const LIMIT = 'tests/helpers/limits.ts has the limits; say which one is meant.';
const WAIT = 'wait for what should happen (tests/helpers/wait-for.ts, events), not for a time.';
const MEASURE = 'compare counts, order or CPU time (process.cpuUsage), not how long something took.';

const TEST = '/^(test|it|describe)$/';
const HOOK = '/^(beforeAll|beforeEach|afterAll|afterEach)$/';

const bans = [
  ban("CallExpression[callee.object.name='jest'][callee.property.name='setTimeout']", LIMIT),
  ban(`CallExpression[callee.name=${TEST}][arguments.length>2]`, LIMIT),
  ban(`CallExpression[callee.object.name=${TEST}][arguments.length>2]`, LIMIT),
  ban("CallExpression[callee.callee.property.name='each'][arguments.length>2]", LIMIT),
  ban("CallExpression[callee.tag.property.name='each'][arguments.length>2]", LIMIT),
  ban(`CallExpression[callee.name=${HOOK}][arguments.length>1]`, LIMIT),
  ban(
    'Property[key.name=/^(timeout|timeoutMs|bootTimeoutMs|drainMs)$/][value.type=/^(Literal|BinaryExpression)$/]',
    LIMIT,
  ),
  ban('CallExpression[callee.property.name=/^setDefault(Navigation)?Timeout$/] > Literal', LIMIT),
  ban("CallExpression[callee.object.name='AbortSignal'][callee.property.name='timeout']", LIMIT),
  ban('CallExpression[callee.name=/^(setTimeout|setInterval)$/]', WAIT),
  ban("CallExpression[callee.property.name='waitForTimeout']", WAIT),
  ban(
    ':not(AwaitExpression) > CallExpression[callee.property.name=/^(route|routeWebSocket)$/][arguments.length=2]',
    'await it: until then what the page asks for may pass unseen.',
  ),
  ban('ImportDeclaration[source.value=/^(node:)?timers(\\u002fpromises)?$/]', WAIT),
  ban("MemberExpression[object.name='performance'][property.name='now']", MEASURE),
  ban(
    "BinaryExpression[operator='-'][right.type='Identifier'] > CallExpression.left[callee.object.name='Date'][callee.property.name='now']",
    MEASURE,
  ),
];

export const testRules = [
  {
    files: ['tests/**/*.ts', 'client-sample/tests/**/*.ts'],
    ignores: ['tests/helpers/setup.ts', 'tests/helpers/wait-for.ts'],
    rules: { 'no-restricted-syntax': ['error', ...bans] },
  },
];
