/**
 * Jest's Node environment, sharing Node's own typed-array constructors with the test realm:
 * ONNX Runtime's native code checks `instanceof` against the outer ones and would refuse a realm's own.
 */
const { TestEnvironment } = require('jest-environment-node');

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

module.exports = class SharedTypedArrays extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const name of SHARED) this.global[name] = globalThis[name];
  }
};
