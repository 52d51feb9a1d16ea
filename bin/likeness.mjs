#!/usr/bin/env node
/**
 * The command line of a clone: `npx likeness <command>`. What the clone still lacks (everything in a fresh one,
 * a compilation after `git pull`) is set up first; when nothing is, that costs about a tenth of a second.
 */
import { nodeVersionProblem } from '../scripts/lib/node-version.mjs';

const problem = nodeVersionProblem(process.versions.node);

if (problem === null) {
  const [{ setUp }, { reportFailure }] = await Promise.all([
    import('../scripts/lib/setup.mjs'),
    import('../scripts/lib/report.mjs'),
  ]);
  await setUp().catch(reportFailure);
  if (!process.exitCode) {
    await import('../build/cli/main.js');
  }
} else {
  console.error('likeness: ' + problem);
  process.exitCode = 1;
}
