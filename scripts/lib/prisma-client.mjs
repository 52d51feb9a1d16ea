import { join } from 'node:path';
import { runNode, SetupError, tail } from './run.mjs';

/**
 * Writes the database client from prisma/schema.prisma, offline: generating needs no schema engine, but Prisma
 * downloads one unless the variable names some executable, so it is given Node. (Never migrate that way: with such a
 * stand-in `migrate` says nothing and applies nothing. Migrations are the catalog's own.)
 */
export async function generatePrismaClient(root, env = process.env) {
  const { code, output } = await runNode(
    join(root, 'node_modules', 'prisma', 'build', 'index.js'),
    ['generate'],
    {
      cwd: root,
      env: {
        ...env,
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        CHECKPOINT_DISABLE: '1',
      },
    },
  );
  if (code !== 0)
    throw new SetupError('The database client could not be generated; Prisma says:', tail(output));
}
