/**
 * Jest's Node environment, sharing Node's own typed-array constructors with the test realm:
 * ONNX Runtime's native code checks `instanceof` against the outer ones and would refuse a realm's own.
 * Where TEST_TRACE names a file, a line is added to it for each test file: what it has looked at (trace.cjs).
 */
const { appendFileSync } = require('node:fs');
const { TestEnvironment } = require('jest-environment-node');
const trace = require('./trace.cjs');

const SHARED = [
  'Float32Array',
  'Float64Array',
  'Uint8Array',
  'Int8Array',
  'Uint16Array',
  'Int16Array',
  'Uint32Array',
  'Int32Array',
  'BigInt64Array',
  'BigUint64Array',
  'Uint8ClampedArray',
  'ArrayBuffer',
];

const TRACE = process.env.TEST_TRACE;

module.exports = class SharedTypedArrays extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.testPath = context.testPath;
  }

  async setup() {
    await super.setup();
    for (const name of SHARED) this.global[name] = globalThis[name];
    if (TRACE === undefined) return;
    trace.begin();
    this.global.process.env = trace.tracedEnv(this.global.process.env);
  }

  async teardown() {
    if (TRACE !== undefined)
      appendFileSync(TRACE, `${JSON.stringify({ test: this.testPath, ...trace.end() })}\n`);
    await super.teardown();
  }
};
