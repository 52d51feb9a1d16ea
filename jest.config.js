/** Native ESM all through; run by `scripts/test.mjs`, which sets --experimental-vm-modules. */
const base = {
  testEnvironment: '<rootDir>/tests/helpers/node-environment.cjs',
  setupFilesAfterEnv: ['<rootDir>/tests/helpers/setup.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/build/', '<rootDir>/client-sample/'],
  transform: {
    '^.+\\.ts$': [
      '<rootDir>/tests/helpers/transform.cjs',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, useDefineForClassFields: false },
        },
      },
    ],
  },
};

/** The parts of the web client that need no browser. Elsewhere its package is out of the way of the server's. */
const client = {
  ...base,
  displayName: 'client',
  testMatch: ['<rootDir>/client-sample/tests/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/build/', '<rootDir>/client-sample/dist/'],
};

export default {
  testSequencer: '<rootDir>/tests/helpers/slow-first.cjs',
  projects: [
    { ...base, displayName: 'unit', testMatch: ['<rootDir>/tests/unit/**/*.test.ts'] },
    client,
    { ...base, displayName: 'integration', testMatch: ['<rootDir>/tests/integration/**/*.test.ts'] },
    { ...base, displayName: 'e2e', testMatch: ['<rootDir>/tests/e2e/**/*.test.ts'] },
  ],
};
