/**
 * Run before `npm start` and `npm test` (then with --dev): installs, generates and compiles what is not up to date.
 * Its only static import is one that old versions of Node understand.
 */
import { nodeVersionProblem } from './lib/node-version.mjs';

const problem = nodeVersionProblem(process.versions.node);

if (problem !== null) {
  console.error('setup: ' + problem);
  process.exitCode = 1;
} else {
  Promise.all([import('./lib/setup.mjs'), import('./lib/report.mjs')]).then(
    ([{ setUp }, { reportFailure }]) => setUp({ dev: process.argv.includes('--dev') }).catch(reportFailure),
  );
}
