/**
 * TypeScript by SWC, with the globals of hot loops as constants of each module. A test runs in a context of node:vm,
 * where each look at a global (the Math of Math.sqrt) goes through an interceptor and costs ten times the arithmetic.
 */
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const swc = require('@swc/jest');

const GLOBALS = [
  'Array',
  'Buffer',
  'Float32Array',
  'Float64Array',
  'Int32Array',
  'Map',
  'Math',
  'Number',
  'Object',
  'Set',
  'Uint8Array',
];
const VERSION = createHash('sha256')
  .update(readFileSync(require.resolve('./transform.cjs')))
  .digest('hex');

/** On the first line, so that all others keep their numbers. */
function withGlobals({ code, ...rest }) {
  const names = GLOBALS.filter(
    (name) =>
      new RegExp(`\\b${name}\\b`).test(code) &&
      !new RegExp(`\\b(import|const|let|var|class|function)\\b[^;=(]*\\b${name}\\b`).test(code),
  );
  return { ...rest, code: names.length === 0 ? code : `const { ${names.join(', ')} } = globalThis;${code}` };
}

exports.createTransformer = (options) => {
  const transformer = swc.createTransformer(options);
  return {
    ...transformer,
    process: (...args) => withGlobals(transformer.process(...args)),
    processAsync: async (...args) => withGlobals(await transformer.processAsync(...args)),
    getCacheKey: (...args) => `${VERSION}${transformer.getCacheKey(...args)}`,
  };
};
