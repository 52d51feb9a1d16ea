import { existsSync, rmSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { runNode, SetupError, tail } from './run.mjs';

/**
 * Generates the types of the client's operations, then builds the page. What is served is replaced only when the new
 * build is whole.
 */
export async function buildClient(dir) {
  const tool = (...parts) => join(dir, 'node_modules', ...parts);
  await step(tool('@graphql-codegen', 'cli', 'cjs', 'bin.js'), ['--config', 'codegen.ts'], dir);
  const [built, served] = [join(dir, 'dist.new'), join(dir, 'dist')];
  await step(tool('vite', 'bin', 'vite.js'), ['build', '--outDir', built, '--emptyOutDir'], dir);
  rmSync(served, { recursive: true, force: true });
  renameSync(built, served);
}

async function step(script, args, cwd) {
  const { code, output } = await runNode(script, args, { cwd });
  if (code !== 0 || !existsSync(script))
    throw new SetupError('The web page could not be built:', tail(output));
}
