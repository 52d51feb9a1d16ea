import type { Command } from 'commander';
import type { RunCommand } from '../run-command.js';

const EXAMPLES = `
Runs until Ctrl+C or SIGTERM, then finishes the requests in progress.

Examples:
  $ likeness serve
  $ likeness serve --host 0.0.0.0 --port 8080
  $ likeness serve --import-roots /srv/photos --log-format json
`;

export function addServeCommand(program: Command, run: RunCommand): void {
  program
    .command('serve')
    .description('run the server: GraphQL API, web page and playground')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', EXAMPLES)
    .action(() =>
      run(async (flags) => {
        const { serve } = await import('../../serve.js'); // only now: it loads everything
        return serve(flags);
      }),
    );
}
