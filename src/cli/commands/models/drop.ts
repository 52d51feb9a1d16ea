import type { Command } from 'commander';
import { loadConfig, readEnvironment, type Flags } from '../../../config.js';
import { AppError } from '../../../errors.js';
import type { SpaceState } from '../../../services/spaces/space-states.js';
import { count } from '../../output/format.js';
import { printJson, printLine } from '../../output/output.js';
import type { RunCommand } from '../../run-command.js';
import { ServerClient } from '../../running/server-client.js';
import { withApp } from '../../running/with-app.js';

const EXAMPLES = `
Removes what a model no longer in use left behind: the vectors, recorded reasons and index of its space. The space that
serves and one that is being filled stay. Pictures, tags and the models themselves are not touched. The database file
keeps its size; the free space in it is reused.

Examples:
  $ likeness models drop builtin-0123456789ab
  $ likeness models drop --old
`;

export function addDropCommand(models: Command, run: RunCommand): void {
  models
    .command('drop')
    .description('remove the vectors of a model that is no longer used')
    .argument('[space]', 'id of a space (likeness status)')
    .option('--old', 'every space that neither serves nor is being filled')
    .option('--json', 'print what was removed as JSON')
    .addHelpText('after', EXAMPLES)
    .action((space: string | undefined, { old, json }: { old?: true; json?: true }) =>
      run((flags) => drop(space, old === true, flags, json === true)),
    );
}

/** What a server and an app can both do. */
interface Spaces {
  list(): Promise<readonly Pick<SpaceState, 'id' | 'vectors' | 'serving' | 'filling'>[]>;
  drop(id: string): Promise<boolean>;
}

async function drop(space: string | undefined, old: boolean, flags: Flags, json: boolean): Promise<number> {
  if ((space === undefined) !== old)
    throw new AppError('BAD_USER_INPUT', 'Expected the id of a space, or --old.');
  const config = loadConfig(readEnvironment(), flags);
  const client = await ServerClient.find(config);
  const dropped =
    client !== null
      ? await dropFrom(ofServer(client), space)
      : await withApp(
          flags,
          { lazyEmbedder: true, whenLocked: 'Run this on the machine of the server once it is ready.' },
          (app) => dropFrom({ list: () => app.spaceStates(), drop: (id) => app.dropSpace(id) }, space),
        );
  if (json) await printJson({ dropped });
  else if (dropped.length === 0) await printLine('There was nothing to remove.');
  else for (const { id, vectors } of dropped) await printLine(`${id}: ${count(vectors, 'vector')} removed`);
  return 0;
}

function ofServer(client: ServerClient): Spaces {
  return {
    async list() {
      const query = '{ status { spaces { id vectors serving filling } } }';
      return (await client.request<{ status: { spaces: Awaited<ReturnType<Spaces['list']>> } }>(query)).status
        .spaces;
    },
    async drop(id) {
      const mutation = 'mutation ($id: ID!) { dropSpace(id: $id) { dropped } }';
      return (await client.request<{ dropSpace: { dropped: boolean } }>(mutation, { id })).dropSpace.dropped;
    },
  };
}

/** @param space undefined for every old one. @throws AppError BAD_USER_INPUT */
async function dropFrom(
  spaces: Spaces,
  space: string | undefined,
): Promise<{ id: string; vectors: number }[]> {
  const all = await spaces.list();
  const chosen = all.filter(({ id, serving, filling }) =>
    space === undefined ? !serving && !filling : id === space,
  );
  if (space !== undefined && chosen.length === 0) {
    const known = all.map(({ id }) => id).join(', ');
    throw new AppError('BAD_USER_INPUT', `There is no space with this id. Known spaces: ${known || 'none'}.`);
  }
  const dropped = [];
  for (const { id, vectors } of chosen) if (await spaces.drop(id)) dropped.push({ id, vectors });
  return dropped;
}
