/**
 * The order of test files: those that take longest first, so that the workers end together. Jest knows how long they
 * took on this machine only when it has run them before; a fresh clone, such as CI's, has this list.
 */
const { default: Sequencer } = require('@jest/test-sequencer');

const SLOW = [
  'e2e/client-search',
  'integration/model-switch',
  'e2e/client-history-status',
  'e2e/client-gallery',
  'integration/index-faults',
  'integration/cli-gallery',
  'e2e/client-frame',
  'e2e/client-atlas',
  'e2e/client-large-gallery',
  'integration/durability',
  'integration/dinov2-convert',
  'integration/embedding',
  'integration/cli-models-use',
  'integration/cli-interrupt',
  'integration/int8',
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
