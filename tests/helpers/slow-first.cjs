/**
 * The order of test files: those that take longest first, so that the workers end together. Jest knows how long they
 * took on this machine only when it has run them before; a fresh clone, such as CI's, has this list.
 */
const { default: Sequencer } = require('@jest/test-sequencer');

const SLOW = [
  'integration/model-switch',
  'integration/http-models',
  'e2e/client-search',
  'e2e/client-models',
  'integration/cli-gallery',
  'unit/vector-index/twins',
  'integration/index-faults',
  'e2e/client-history-status',
  'integration/originals',
  'e2e/client-large-gallery',
  'e2e/client-frame',
  'e2e/client-gallery',
  'integration/cli-models-use',
  'integration/int8',
  'integration/cli-interrupt',
  'e2e/client-atlas',
  'e2e/client-offline',
  'unit/vector-index/contract',
  'integration/damaged-database',
  'integration/durability',
  'unit/vector-index/snapshot',
  'integration/dinov2-',
  'integration/embedding',
  'integration/clean-output',
  'unit/vector-index/',
  'integration/',
];

function rankOf({ path }) {
  const rank = SLOW.findIndex((part) => path.includes(`/tests/${part}`));
  return rank < 0 ? SLOW.length : rank;
}

module.exports = class SlowFirst extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((a, b) => rankOf(a) - rankOf(b));
  }
};
