/** Old versions of Node must be able to run this file, so that they can report that they are too old. */

/** Why this Node cannot be used, in one sentence, or null. */
export function nodeVersionProblem(version) {
  const parts = version.split('.').map(Number);
  if (parts[0] > 20 || (parts[0] === 20 && parts[1] >= 19)) return null;
  return (
    'Likeness needs Node.js 20.19 or newer, and this is ' +
    version +
    ': install a newer one from https://nodejs.org and try again.'
  );
}
